import {join} from 'node:path'
import type {Place, Tier} from '../engines/dyno/isolation/isolation.ts'
import {type DynoIsolation, plainFolderIsolation} from '../engines/dyno/isolation/plain-folder.ts'
import type {Session} from '../engines/dyno/session.ts'
import {findShell} from '../engines/dyno/shell.ts'
import type {Settings} from '../model/settings.ts'

/** What dynos stand on while an app runs: how they are kept apart, where their rooms are, where their memory is held. */
export type DynoGround = AsyncDisposable & {readonly isolation: DynoIsolation; readonly place: Place}

export type GroundOptions = {
  readonly wish: Tier | 'auto'
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
export async function openGround(options: GroundOptions): Promise<DynoGround> {
  const {wish, runs, requiredTier, hasSizes, settings, session} = options
  const roomsFolder = roomsOf(settings, session.id)
  if (wish === 'process' && runs === 'folder' && !hasSizes && (requiredTier ?? wish) === wish) {
    const isolation = plainFolderIsolation(findShell(settings.shellEnv['PATH'] ?? ''))
    return {isolation, place: {roomsFolder}, async [Symbol.asyncDispose]() {}}
  }
  const {openIsolatedGround} = await import('./isolated-ground.ts')
  return await openIsolatedGround(options, roomsFolder)
}

/** Where the rooms of a session are. On the disk of the state, since a dyno may write gigabytes there. */
export function roomsOf({stateDir}: Pick<Settings, 'stateDir'>, session: string): string {
  return join(stateDir, 'rooms', session)
}
