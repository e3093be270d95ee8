import {join} from 'node:path'
import {type CgroupHost, closeCgroups, openCgroups, sweepCgroups} from '../engines/dyno/cgroup.ts'
import {chooseIsolation, type IsolationWish} from '../engines/dyno/isolation/catalog.ts'
import {type Isolation, type Place, type Tier, tiers} from '../engines/dyno/isolation/isolation.ts'
import {readMachine} from '../engines/dyno/isolation/machine.ts'
import {removeRooms} from '../engines/dyno/isolation/room.ts'
import type {Session} from '../engines/dyno/session.ts'
import {privateFolder} from '../lib/private-folder.ts'
import {HomeportError} from '../model/error.ts'
import type {Settings} from '../model/settings.ts'

/** What dynos stand on while an app runs: how they are kept apart, where their rooms are, where their memory is held. */
export type DynoGround = AsyncDisposable & {readonly isolation: Isolation; readonly place: Place}

export type GroundOptions = {
  readonly wish: IsolationWish
  readonly runs: 'folder' | 'slug'
  /** The weakest tier that will do. */
  readonly requiredTier?: Tier
  /** Whether a dyno has a size, so that cgroups are of use. */
  readonly hasSizes: boolean
  readonly settings: Settings
  readonly session: Session
}

/**
 * Chooses the isolation and opens the folder of the rooms; all of it goes at the end. Rejects with ISOLATION_UNAVAILABLE; never
 * takes another tier than the one that was asked for.
 */
export async function openGround({wish, runs, requiredTier, hasSizes, settings, session}: GroundOptions): Promise<DynoGround> {
  const machine = readMachine({searchPath: settings.shellEnv['PATH'] ?? ''})
  const roomsFolder = roomsOf(settings, session.id)
  const isPlain = wish === 'process' && runs === 'folder'
  if (!isPlain) privateFolder(roomsFolder)
  const isolation = await chooseIsolation(wish, runs, {machine, cacheDir: settings.cacheDir, roomsFolder})
  if (requiredTier !== undefined && tiers.indexOf(isolation.tier) > tiers.indexOf(requiredTier)) {
    throw new HomeportError(
      'ISOLATION_UNAVAILABLE',
      `Isolation “${requiredTier}” is required, and only “${isolation.tier}” can be had here.`,
      {
        hint: '`homeport doctor` says why, and what mends it.',
      },
    )
  }
  const hosts: readonly CgroupHost[] = hasSizes ? [await openCgroups(session.id)].filter(host => host !== undefined) : []
  const [cgroups] = hosts
  return {
    isolation,
    place: {roomsFolder, ...(cgroups === undefined ? {} : {cgroups})},
    async [Symbol.asyncDispose]() {
      for (const host of hosts) await closeCgroups(host)
      if (!isPlain) await removeRooms(roomsFolder)
    },
  }
}

/** Where the rooms of a session are. On the disk of the state, since a dyno may write gigabytes there. */
export function roomsOf({stateDir}: Pick<Settings, 'stateDir'>, session: string): string {
  return join(stateDir, 'rooms', session)
}

/** Removes what a session left that was killed: when its dynos are gone. */
export async function sweepGround(roomsFolder: string): Promise<void> {
  await sweepCgroups(roomsFolder.slice(roomsFolder.lastIndexOf('/') + 1))
  await removeRooms(roomsFolder)
}
