import {chownSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {privateFolder} from '../../../lib/private-folder.ts'
import {removeTree} from '../../../lib/remove-tree.ts'
import type {DynoSpec} from '../../../model/dyno.ts'
import {HomeportError} from '../../../model/error.ts'
import {type Cgroup, makeCgroup, removeCgroup} from '../cgroup.ts'
import type {Place, Room} from './isolation.ts'

/** The part of a room that has to be removed. */
export type Leftover = Pick<Room, 'folder' | 'reachableFolder' | 'cgroups'>

const roomFile = 'room.json'
let roomsMade = 0

/** A new folder for a room in `parent`. */
export function makeRoomFolder(name: string, parent: string): string {
  roomsMade += 1
  const folder = join(privateFolder(parent), `${name}-${process.pid}-${roomsMade}`)
  mkdirSync(folder, {mode: 0o700})
  return folder
}

/** The dyno's cgroups, where its size sets limits and this machine lets us; else none. `ownProcesses` are the isolation's, not the dyno's. */
export function makeRoomCgroup(spec: DynoSpec, {cgroups}: Place, ownProcesses = 0): Cgroup {
  if (spec.size === undefined || cgroups === undefined) return {folders: [], countsProcesses: false}
  roomsMade += 1
  return makeCgroup(cgroups, `${spec.name}-${roomsMade}`, {
    ...spec.size,
    processes: spec.size.processes + ownProcesses,
  })
}

/** The folders of a copy-on-write disk over `slugFolder`, for the launcher to mount. */
export function makeOverlayFolders(
  folder: string,
  slugFolder: string,
  owner: {readonly uid: number; readonly gid: number} | undefined,
): void {
  symlinkSync(slugFolder, join(folder, 'lower'))
  for (const name of ['upper', 'work', 'app']) mkdirSync(join(folder, name), {mode: 0o755})
  if (owner !== undefined) chownSync(join(folder, 'upper'), owner.uid, owner.gid)
}

/** A folder in the room that only the dyno's user may use. */
export function makePrivateFolder(path: string, owner: {readonly uid: number; readonly gid: number} | undefined): void {
  mkdirSync(path, {mode: 0o700})
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
}

/** Writes down what was made, inside the room, for whoever removes it after a crash. */
export function recordRoom(room: Room): Room {
  if (room.folder !== undefined) writeFileSync(join(room.folder, roomFile), JSON.stringify(room), {mode: 0o600})
  return room
}

/**
 * Removes all that was made for a dyno: what still runs in its cgroups, the cgroups, its disk. To be called when the dyno has
 * ended; its mounts went with its last process. Throws Node's errors when its folder stays.
 */
export async function removeRoom({folder, reachableFolder, cgroups}: Leftover): Promise<void> {
  if (cgroups.length > 0) await removeCgroup(cgroups)
  if (reachableFolder !== undefined) await removeTree(reachableFolder)
  if (folder !== undefined) await removeTree(folder)
}

/** The room whose folder a crash left behind; one without its file was not finished: only its folder is left. */
export async function readLeftover(folder: string): Promise<Leftover> {
  try {
    const {cgroups, reachableFolder} = JSON.parse(await readFile(join(folder, roomFile), 'utf8')) as Room
    return {folder, cgroups, ...(reachableFolder === undefined ? {} : {reachableFolder})}
  } catch {
    return {folder, cgroups: []}
  }
}

/** Removes all rooms in a folder and the folder: at the end of Homeport, or for what a crash left when its dynos are gone. */
export async function removeRooms(roomsFolder: string): Promise<void> {
  const entries = await readdir(roomsFolder).catch(() => [])
  for (const entry of entries) await removeRoom(await readLeftover(join(roomsFolder, entry)))
  await removeTree(roomsFolder)
}

/** Removes what is there of a room whose making fails, and says what Node's error means. */
export async function makingRoom<Value>(leftover: Leftover, make: () => Promise<Value>): Promise<Value> {
  try {
    return await make()
  } catch (error) {
    await removeRoom(leftover).catch(() => undefined)
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
      throw new HomeportError('DISK_FULL', `No space left for the disk of a dyno in ${leftover.folder}.`, {
        hint: 'Free some space, or set HOMEPORT_HOME to another disk.',
        cause: error,
      })
    }
    throw error
  }
}
