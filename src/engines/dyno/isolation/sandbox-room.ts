import {chmodSync, writeFileSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {copyTree} from '../../../lib/copy-tree.ts'
import type {DynoSpec} from '../../../model/dyno.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import {folderViews} from './folder-views.ts'
import type {OpenRoom, Place, Room, View} from './isolation.ts'
import {makeOverlayFolders, makePrivateFolder, makeRoomCgroup, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'
import {descriptors} from './sandbox-args.ts'
import type {SandboxParts} from './sandbox-parts.ts'

/** bubblewrap, its first process inside, and the parent of the dyno's own. */
const ownProcesses = 3

/** Where a slug lives in its dynos (platform.md c.2). */
export const appFolder = '/app'

/**
 * A sandbox's room: the dyno's disk and /tmp, on Homeport's disk and not in memory. Copy-on-write keeps the owners of files, so
 * as root only a checkout that belongs to `sandboxUser` is shared; another one is copied for that user.
 */
export async function prepareSandboxRoom({machine, variant}: SandboxParts, spec: DynoSpec, place: Place): Promise<OpenRoom> {
  const owner = await stat(spec.slugFolder ?? spec.cwd)
  const isRoot = machine.uid === 0
  const user = isRoot ? userOf(spec, owner) : undefined
  const cgroup = makeRoomCgroup(spec, place, ownProcesses)
  const folder = makeRoomFolder(spec.name, place.roomsFolder)
  const sharesSlug = variant.disk === 'overlay' && (user === undefined || owner.uid === user.uid)
  const disk = spec.slugFolder === undefined ? 'folder' : sharesSlug ? 'overlay' : 'copy'
  const temporary: View = {source: join(folder, 'tmp'), target: '/tmp', kind: 'folder', isWritable: true}
  const room: Room = recordRoom({
    tier: 'sandbox',
    folder,
    disk,
    appFolder: disk === 'folder' ? spec.cwd : appFolder,
    ...homeOf(spec),
    ...(user === undefined ? {} : {user}),
    cgroups: cgroup.folders,
    countsProcesses: cgroup.countsProcesses,
    views: [temporary, ...(disk === 'folder' ? folderViews(spec, join(folder, 'home')) : [slugView(folder, disk)])],
    inputs:
      spec.size === undefined ? {} : {[descriptors.memoryLimit]: join(folder, 'memory'), [descriptors.memoryMax]: join(folder, 'memory')},
  })
  await makingRoom(room, async () => {
    makePrivateFolder(temporary.source, user)
    chmodSync(temporary.source, 0o1777)
    if (spec.size !== undefined) writeFileSync(join(folder, 'memory'), `${spec.size.memoryBytes}\n`)
    if (disk === 'folder') makePrivateFolder(join(folder, 'home'), user)
    else if (disk === 'overlay') makeOverlayFolders(folder, spec.slugFolder ?? '', user)
    else await copyTree(spec.slugFolder ?? '', join(folder, 'app'), user === undefined ? {} : {owner: user})
  })
  return {room, [Symbol.asyncDispose]: () => removeRoom(room)}
}

/** Root's dynos of a folder are its owner, whose files they make; where that is root itself they can read it only. */
function userOf({slugFolder}: DynoSpec, owner: {readonly uid: number; readonly gid: number}): NonNullable<Room['user']> {
  return slugFolder !== undefined || owner.uid === 0 ? sandboxUser : {uid: owner.uid, gid: owner.gid}
}

function homeOf(spec: DynoSpec): {readonly home?: string} {
  if (spec.slugFolder !== undefined) return {home: appFolder}
  return spec.env['HOME']?.startsWith('/') ? {home: spec.env['HOME']} : {}
}

function slugView(folder: string, disk: 'overlay' | 'copy'): View {
  if (disk === 'overlay') return {source: folder, target: appFolder, kind: 'overlay', isWritable: true}
  return {source: join(folder, 'app'), target: appFolder, kind: 'folder', isWritable: true}
}
