import {rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type FileLock, lockFile} from '../../lib/file-lock.ts'
import {HomeportError} from '../../model/error.ts'
import {type SlugId, slugHex, slugId} from '../../model/slug.ts'
import {namesIn, type SlugStore, storeFolder} from './slug-store.ts'

/** Keeps a slug and its checkout from being pruned, until disposed or until this process ends, in whatever way. */
export async function useSlug(store: SlugStore, id: SlugId): Promise<FileLock> {
  const lock = await lockFile(usePath(store, id), {mode: 'shared', waitMs: 10_000})
  if (lock !== undefined) return lock
  throw new HomeportError('SLUG_STORE_BUSY', 'The slug is being pruned.', {hint: 'Try again.'})
}

/** Locks a slug that nothing uses, so that nothing begins to; undefined when something does. */
export async function lockUnused(store: SlugStore, id: SlugId): Promise<FileLock | undefined> {
  return await lockFile(usePath(store, id), {mode: 'exclusive'})
}

/** Whether a running app uses the slug. */
export async function isInUse(store: SlugStore, id: SlugId): Promise<boolean> {
  if (!namesIn(join(store.folder, 'uses')).includes(slugHex(id))) return false
  using lock = await lockUnused(store, id)
  return lock === undefined
}

/** Keeps a slug for good. */
export function pinSlug(store: SlugStore, id: SlugId): void {
  writeFileSync(join(storeFolder(store, 'pins'), slugHex(id)), '', {mode: 0o600})
}

export function unpinSlug(store: SlugStore, id: SlugId): void {
  rmSync(join(storeFolder(store, 'pins'), slugHex(id)), {force: true})
}

export function pinnedSlugs(store: SlugStore): ReadonlySet<SlugId> {
  return new Set(namesIn(join(store.folder, 'pins')).map(slugId))
}

/** Removes the file of a slug that is gone; the caller has it locked. */
export function forgetUse(store: SlugStore, id: SlugId): void {
  rmSync(usePath(store, id), {force: true})
}

function usePath(store: SlugStore, id: SlugId): string {
  return join(storeFolder(store, 'uses'), slugHex(id))
}
