import {chmodSync} from 'node:fs'
import {join} from 'node:path'
import {giveTree} from '../../../lib/copy-tree.ts'
import {HomeportError} from '../../../model/error.ts'
import type {BuildCommand, BuildSpec, OpenRoom, Place, Room, Tier} from './isolation.ts'
import {isReachable, reachableFolder} from './machine.ts'
import {makePrivateFolder, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'

/**
 * A build's room where files cannot be shown elsewhere or hidden: HOME and TMPDIR of its own, everything else where it is. With
 * `user` the programs run as that user, to whom the writable views are given; the views must lie where he can reach
 * them (`reachableFolder`).
 */
export async function preparePlainBuild(tier: Tier, build: BuildSpec, place: Place, user?: Room['user']): Promise<OpenRoom> {
  if (build.network !== 'all') {
    throw new HomeportError('ISOLATION_UNAVAILABLE', `Isolation “${tier}” cannot close the network of a build.`, {
      hint: 'Use `--build-network all`, or see `homeport doctor` for what a sandbox needs here.',
    })
  }
  const closed = user === undefined ? undefined : build.views.find(({source}) => !isReachable(join(source, '..')))
  if (closed !== undefined) throw new HomeportError('ISOLATION_UNAVAILABLE', `The user that builds cannot reach ${closed.source}.`)
  const folder = makeRoomFolder('build', place.roomsFolder)
  const base = user === undefined || isReachable(place.roomsFolder) ? folder : reachableFolder(place.roomsFolder)
  const room = recordRoom({
    tier,
    folder,
    ...(base === folder ? {} : {reachableFolder: base}),
    disk: 'folder',
    appFolder: base,
    home: join(base, 'home'),
    ...(user === undefined ? {} : {user}),
    cgroups: [],
    countsProcesses: false,
    views: [],
    inputs: {},
  })
  await makingRoom(room, async () => {
    if (user !== undefined) chmodSync(base, 0o711)
    for (const name of ['home', 'tmp']) makePrivateFolder(join(base, name), user)
    if (user !== undefined) for (const {source, isWritable} of build.views) if (isWritable) await giveTree(source, user)
  })
  return {room, [Symbol.asyncDispose]: () => removeRoom(room)}
}

export function plainBuildEnv({home = '', appFolder}: Room, {env, workingFolder}: BuildCommand): Readonly<Record<string, string>> {
  return {...env, HOME: home, TMPDIR: join(appFolder, 'tmp'), PWD: workingFolder}
}
