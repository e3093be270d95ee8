import {chmodSync, writeFileSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {copyTree} from '../../../lib/copy-tree.ts'
import type {DynoSpec} from '../../../model/dyno.ts'
import {folderViews} from './folder-views.ts'
import type {OpenRoom, Place, Room, View} from './isolation.ts'
import {makeOverlayFolders, makePrivateFolder, makeRoomCgroup, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'
import {descriptors} from './sandbox-args.ts'
import type {SandboxParts} from './sandbox-parts.ts'
import {sandboxUid} from './uid-lease.ts'

/** Where a slug lives in its dynos (platform.md c.2). */
export const appFolder = '/app'

/**
 * A sandbox's room: the dyno's disk and /tmp, on Homeport's disk and not in memory. Root's dynos are the owner of the slug's
 * checkout; one that belongs to root itself is copied for them.
 */
export async function prepareSandboxRoom({machine, variant}: SandboxParts, spec: DynoSpec, place: Place): Promise<OpenRoom> {
  const owner = await stat(spec.slugFolder ?? spec.cwd)
  const isRoot = machine.uid === 0
  const user = !isRoot ? undefined : owner.uid === 0 ? {uid: sandboxUid, gid: sandboxUid} : {uid: owner.uid, gid: owner.gid}
  const cgroup = makeRoomCgroup(spec, place)
  const folder = makeRoomFolder(spec.name, place.roomsFolder)
  const disk = spec.slugFolder === undefined ? 'folder' : variant.disk === 'overlay' && !(isRoot && owner.uid === 0) ? 'overlay' : 'copy'
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

function homeOf(spec: DynoSpec): {readonly home?: string} {
  if (spec.slugFolder !== undefined) return {home: appFolder}
  return spec.env['HOME']?.startsWith('/') ? {home: spec.env['HOME']} : {}
}

function slugView(folder: string, disk: 'overlay' | 'copy'): View {
  if (disk === 'overlay') return {source: folder, target: appFolder, kind: 'overlay', isWritable: true}
  return {source: join(folder, 'app'), target: appFolder, kind: 'folder', isWritable: true}
}
