import {randomBytes} from 'node:crypto'
import {closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {type FileLock, lockFile} from '../../lib/file-lock.ts'
import {privateFolder} from '../../lib/private-folder.ts'
import {HomeportError} from '../../model/error.ts'
import {ObjectReader} from './object-reader.ts'
import {Pack} from './pack.ts'

/**
 * Where the slugs of this machine are. What must last lies in `folder`: `packs/` with the content, `records/` with a file for each
 * slug, `pins/` and `uses/` with what must be kept. `cacheFolder` has what can be made again: checkouts, notes of what was hashed.
 *
 * Packs and records never change once they are there: they are written under `tmp/`, synced, then renamed. So readers need no
 * care, a kill at any moment leaves at most rubbish in `tmp/`, and two builds at once only write something twice. Whoever
 * reads or adds shares the lock; only who removes (prune, repair) has it alone.
 */
export type SlugStore = {readonly folder: string; readonly cacheFolder: string}

export function slugStore({stateDir, cacheDir}: {readonly stateDir: string; readonly cacheDir: string}): SlugStore {
  return {folder: join(stateDir, 'slugs'), cacheFolder: join(cacheDir, 'slugs')}
}

export type StorePart = 'packs' | 'records' | 'pins' | 'uses' | 'tmp'

/** A folder of the store, made when missing. */
export function storeFolder(store: SlugStore, part: StorePart): string {
  privateFolder(store.folder)
  return privateFolder(join(store.folder, part))
}

/** How long a build or an import may wait for a prune, and a prune for builds. */
const lockWaitMs = 60_000

/** Rejects with MACHINE's ALREADY_RUNNING when others keep the store for a minute. */
export async function lockStore(
  store: SlugStore,
  mode: 'shared' | 'exclusive',
  {signal, waitMs = lockWaitMs}: {signal?: AbortSignal; waitMs?: number} = {},
): Promise<FileLock> {
  privateFolder(store.folder)
  const lock = await lockFile(join(store.folder, 'lock'), {mode, waitMs, ...(signal === undefined ? {} : {signal})})
  if (lock !== undefined) return lock
  throw new HomeportError('SLUG_STORE_BUSY', `Another homeport keeps the store of slugs (${store.folder}).`, {
    hint: 'Wait until it is done, then try again.',
  })
}

/** A path below `tmp/` that nothing else has. */
export function temporaryPath(store: SlugStore, suffix = ''): string {
  return join(storeFolder(store, 'tmp'), `${process.pid}-${randomBytes(8).toString('hex')}${suffix}`)
}

/** Removes what killed processes left half-made, if nobody else is at work right now. */
export async function sweepTemporary(store: SlugStore): Promise<void> {
  if (halfMade(store).length === 0) return
  using lock = await lockFile(join(store.folder, 'lock'), {mode: 'exclusive'})
  if (lock === undefined) return
  for (const path of halfMade(store)) rmSync(path, {recursive: true, force: true})
}

function halfMade(store: SlugStore): readonly string[] {
  const [temporary, checkouts] = [storeFolder(store, 'tmp'), join(store.cacheFolder, 'checkouts')]
  const drafts = namesIn(checkouts).filter(name => /\.new-[0-9a-f]+$/.test(name))
  return [...namesIn(temporary).map(name => join(temporary, name)), ...drafts.map(name => join(checkouts, name))]
}

/** All objects of the store as they are now. A pack that is cut or damaged at its end counts as not there. */
export function openObjects(store: SlugStore): ObjectReader {
  const packs: Pack[] = []
  for (const path of packPaths(store)) {
    const pack = Pack.open(path)
    if (pack !== undefined) packs.push(pack)
  }
  return new ObjectReader(packs)
}

export function packPaths(store: SlugStore): readonly string[] {
  return namesIn(join(store.folder, 'packs'))
    .filter(name => name.endsWith('.pack'))
    .sort()
    .map(name => join(store.folder, 'packs', name))
}

/** Puts a finished, synced file in its place for good. */
export function publish(temporary: string, folder: string, name: string): string {
  const path = join(folder, name)
  renameSync(temporary, path)
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return path
}

/** Names in a folder; none when it is not there. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
