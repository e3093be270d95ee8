import {lstatSync, readFileSync, rmSync} from 'node:fs'
import {basename, join} from 'node:path'
import {privateFolder} from '../../lib/private-folder.ts'
import type {ArchiveLimits} from '../../model/archive-policy.ts'
import {HomeportError, renderPlace} from '../../model/error.ts'
import {throwStopping, warningsAtStart} from '../../model/problem.ts'
import {readProcfile} from '../../model/procfile.ts'
import {maxSlugJsonBytes, readSlugJson, type SlugJson, slugJsonPath} from '../../model/slug-json.ts'
import {lockStore, type SlugStore, sweepTemporary, temporaryPath} from './slug-store.ts'
import {PlatformMismatchError, type StoredSlug, storeSlug} from './store-slug.ts'
import {unpackArchive} from './unpack-archive.ts'

export type ImportArchiveOptions = {
  readonly store: SlugStore
  /** The stack of an archive that does not name one itself. */
  readonly stack: string
  readonly limits?: Partial<ArchiveLimits>
  readonly signal?: AbortSignal
}

export type ImportedSlug = StoredSlug & {
  /** What had to be assumed, since the archive brought no slug.json. */
  readonly assumed: readonly string[]
}

/**
 * Takes an archive of somebody else into the store: read by the rules of `extractArchive`, written by ours, so its id is that of
 * its content, however it was packed. Rejects with ARCHIVE_REFUSED (also for a slug.json that is wrong or does not fit the
 * files), NO_PROCESS_TYPES; nothing of a refused archive stays.
 */
export async function importArchive(file: string, {store, stack, limits, signal}: ImportArchiveOptions): Promise<ImportedSlug> {
  await sweepTemporary(store)
  using _lock = await lockStore(store, 'shared', signal === undefined ? {} : {signal})
  const draft = privateFolder(temporaryPath(store))
  const folder = join(draft, 'app')
  try {
    const {wasBelowApp} = await unpackArchive(file, {
      to: folder,
      ...(limits === undefined ? {} : {limits}),
      ...(signal === undefined ? {} : {signal}),
    })
    const path = wasBelowApp ? `app/${slugJsonPath.path}` : slugJsonPath.path
    const refuse = (reason: string, cause?: unknown) => refused(file, `${path}: ${reason}`, cause)
    const said = readOwnFacts(folder, refuse)
    const facts = said ?? factsFromProcfile(folder, stack)
    const {processTypes} = facts
    const expected = said === undefined ? {} : {expectedPlatform: said}
    const options = {store, processTypes, stack: facts.stack, ...expected, ...(signal === undefined ? {} : {signal})}
    const stored = await storeSlug(folder, options).catch(error => {
      throw error instanceof PlatformMismatchError ? refuse(error.message, error) : error
    })
    const assumed = 'assumed' in facts ? facts.assumed : []
    return {...stored, warnings: [...('warnings' in facts ? facts.warnings : []), ...stored.warnings], assumed}
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
}

/** The slug.json of the archive; undefined when it has none. */
function readOwnFacts(folder: string, refuse: (reason: string) => HomeportError): SlugJson | undefined {
  const path = join(folder, slugJsonPath.path)
  const found = lstatSync(path, {throwIfNoEntry: false})
  if (found === undefined) return undefined
  if (!found.isFile()) throw refuse('it is no file')
  if (found.size > maxSlugJsonBytes) throw refuse(`it has more than ${maxSlugJsonBytes} bytes`)
  const json = readSlugJson(readFileSync(path))
  if (typeof json === 'string') throw refuse(json)
  return json
}

type AssumedFacts = Pick<SlugJson, 'processTypes' | 'stack'> & {readonly assumed: readonly string[]; readonly warnings: readonly string[]}

function factsFromProcfile(folder: string, stack: string): AssumedFacts {
  const path = join(folder, 'Procfile')
  const isThere = lstatSync(path, {throwIfNoEntry: false})?.isFile() === true
  const procfile = readProcfile(isThere ? readFileSync(path) : Buffer.alloc(0))
  throwStopping('PROCFILE_INVALID', procfile.problems)
  const {types} = procfile
  if (types.size === 0) {
    throw new HomeportError('NO_PROCESS_TYPES', `The archive has no ${slugJsonPath.path}, and no Procfile with a process type in it.`, {
      hint: 'Put a Procfile into the app’s folder before you pack it: web: COMMAND',
    })
  }
  return {
    processTypes: types,
    stack,
    assumed: [`process types from its Procfile: ${[...types.keys()].join(', ')}`, `stack ${stack}`, 'os, arch and libc from its files'],
    warnings: warningsAtStart(procfile.problems).map(problem => `${renderPlace(problem)}: ${problem.message}`),
  }
}

function refused(file: string, reason: string, cause?: unknown): HomeportError {
  return new HomeportError('ARCHIVE_REFUSED', `${basename(file)} is refused: ${reason}.`, {hint: 'Nothing of it was kept.', cause})
}
