import {readdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {type CgroupHost, closeCgroups, openCgroups, sweepCgroups} from '../engines/dyno/cgroup.ts'
import {chooseIsolation} from '../engines/dyno/isolation/catalog.ts'
import {tiers} from '../engines/dyno/isolation/isolation.ts'
import {readMachine} from '../engines/dyno/isolation/machine.ts'
import {removeRooms} from '../engines/dyno/isolation/room.ts'
import {listSessions} from '../engines/dyno/session-record.ts'
import {privateFolder} from '../lib/private-folder.ts'
import {HomeportError} from '../model/error.ts'
import type {Settings} from '../model/settings.ts'
import type {DynoGround, GroundOptions} from './dyno-ground.ts'

/** The ground of dynos that have rooms of their own; first removes what killed sessions left. */
export async function openIsolatedGround(options: GroundOptions, roomsFolder: string): Promise<DynoGround> {
  const {wish, runs, requiredTier, hasSizes, settings, session} = options
  await sweepRooms(dirname(roomsFolder), settings)
  const machine = readMachine({searchPath: settings.shellEnv['PATH'] ?? ''})
  privateFolder(roomsFolder)
  const isolation = await chooseIsolation(wish, runs, {machine, cacheDir: settings.cacheDir, roomsFolder})
  if (requiredTier !== undefined && tiers.indexOf(isolation.tier) > tiers.indexOf(requiredTier)) {
    const message = `Isolation “${requiredTier}” is required, and only “${isolation.tier}” can be had here.`
    throw new HomeportError('ISOLATION_UNAVAILABLE', message, {hint: '`homeport doctor` says why, and what mends it.'})
  }
  const hosts: readonly CgroupHost[] = hasSizes ? [await openCgroups(session.id)].filter(host => host !== undefined) : []
  const [cgroups] = hosts
  return {
    isolation,
    place: {roomsFolder, ...(cgroups === undefined ? {} : {cgroups})},
    async [Symbol.asyncDispose]() {
      for (const host of hosts) await closeCgroups(host)
      await removeRooms(roomsFolder)
    },
  }
}

/** Removes what a session left that was killed: when its dynos are gone. */
export async function sweepGround(roomsFolder: string): Promise<void> {
  await sweepCgroups(roomsFolder.slice(roomsFolder.lastIndexOf('/') + 1))
  await removeRooms(roomsFolder)
}

/** The rooms of sessions that are no more: their guardians were killed too. */
async function sweepRooms(folder: string, {runtimeDir}: Settings): Promise<void> {
  const living = new Set(listSessions(runtimeDir).map(path => path.slice(path.lastIndexOf('/') + 1)))
  for (const session of foldersIn(folder))
    if (!living.has(session) && !isInUse(join(folder, session))) await sweepGround(join(folder, session))
}

/** A session that keeps its record in another runtime folder is no less alive; rooms are named `web.1-PID-1`. */
function isInUse(roomsFolder: string): boolean {
  return foldersIn(roomsFolder).some(room => {
    try {
      return process.kill(Number(/-(\d+)-\d+$/.exec(room)?.[1] ?? Number.NaN), 0)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM'
    }
  })
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
