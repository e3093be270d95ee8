import {rmSync} from 'node:fs'
import {renderSize} from '../../model/build-text.ts'
import {HomeportError} from '../../model/error.ts'
import {type SlugId, slugId, slugSizeLimits} from '../../model/slug.ts'
import {renderPlatform, type SlugPlatform} from '../../model/slug-platform.ts'
import {findUnchanged} from './find-unchanged.ts'
import {guessPlatform} from './guess-platform.ts'
import {type PackedFolder, packFolder} from './pack-folder.ts'
import {publishObjects} from './publish-objects.ts'
import {filesOf, scanFolder} from './scan-folder.ts'
import {readSlugs, type SlugRecord, writeRecord} from './slug-records.ts'
import {lockStore, openObjects, sweepTemporary, temporaryPath} from './slug-store.ts'
import {readStatCache, writeStatCache} from './stat-cache.ts'
import {placeSlugJson, type Stored, type StoreJob, type StoreSlugOptions} from './store-job.ts'

export type StoredSlug = Stored & {readonly warnings: readonly string[]}

/**
 * Puts a built app into the store: everything in `folder` plus its slug.json becomes a slug (cli.md section 7). The folder is
 * only read. Rejects with SLUG_TOO_LARGE, FILE_UNREADABLE, and BUILD_FAILED when a file changes meanwhile; whatever happens,
 * the store is as before or has the whole slug.
 */
export async function storeSlug(folder: string, options: StoreSlugOptions): Promise<StoredSlug> {
  const {store, isKept = false, signal} = options
  await sweepTemporary(store)
  using _lock = await lockStore(store, 'shared', signal === undefined ? {} : {signal})
  using objects = openObjects(store)
  const startedAtMs = Date.now()
  const cache = isKept ? readStatCache(store, folder) : undefined
  const slugs = readSlugs(store)
  const {root, warnings} = scanFolder(folder, {withStats: slugs.length > 0})
  const job: StoreJob = {folder, root, options, objects, slugs}
  const stored = findUnchanged(job, cache) ?? (await packAndPublish(job))
  checkSize(stored.slug.archiveBytes, options.maxArchiveBytes)
  if (isKept) remember(job, startedAtMs)
  return {...stored, warnings: [...warnings, ...sizeWarnings(stored.slug)]}
}

/** A slug says that it needs another machine than its files do. */
export class PlatformMismatchError extends Error {
  readonly said: SlugPlatform
  readonly found: SlugPlatform

  constructor(said: SlugPlatform, found: SlugPlatform) {
    super(`it says ${renderPlatform(said)}, its files are for ${renderPlatform(found)}`)
    this.name = 'PlatformMismatchError'
    this.said = said
    this.found = found
  }
}

/**
 * What the slug needs of a machine stands in its slug.json, near the beginning of the tar, and is known for sure only when all
 * files have been read. So it is guessed well, and in the rare case that the guess was wrong everything is done again.
 */
async function packAndPublish(job: StoreJob): Promise<Stored> {
  const {options, folder, root} = job
  const packPath = temporaryPath(options.store, '.pack')
  const settings = {
    folder,
    packPath,
    keepsStats: options.isKept === true,
    ...(options.signal === undefined ? {} : {signal: options.signal}),
  }
  let platform = options.expectedPlatform ?? guessPlatform(root, folder)
  try {
    for (;;) {
      placeSlugJson(job, platform)
      const packed = await packFolder(root, settings)
      using _writer = packed.writer
      if (renderPlatform(packed.platform) === renderPlatform(platform)) return await publishSlug(job, packed, packPath)
      if (options.expectedPlatform !== undefined) throw new PlatformMismatchError(platform, packed.platform)
      platform = packed.platform
      rmSync(packPath)
    }
  } finally {
    rmSync(packPath, {force: true})
  }
}

/** Objects first, then the record that makes them a slug. */
async function publishSlug(job: StoreJob, packed: PackedFolder, packPath: string): Promise<Stored> {
  const {options, slugs} = job
  checkSize(packed.archiveBytes, options.maxArchiveBytes)
  const id = slugId(packed.slugHex)
  const newBytes = await publishObjects(job, packed, packPath)
  const known = slugs.find(slug => slug.id === id)
  if (known !== undefined) return {slug: known, reused: newBytes === 0, newBytes}
  const slug = recordOf(id, packed, options)
  await writeRecord(options.store, slug)
  return {slug, reused: false, newBytes}
}

function recordOf(id: SlugId, packed: PackedFolder, {processTypes, stack, buildpacks = [], commit}: StoreSlugOptions): SlugRecord {
  const {root, sizeBytes, archiveBytes, files, platform, appPathFiles} = packed
  const createdAt = new Date().toISOString()
  const source = commit === undefined ? {} : {commit}
  return {id, root, createdAt, sizeBytes, archiveBytes, files, processTypes, stack, ...platform, buildpacks, ...source, appPathFiles}
}

function remember({folder, root, options}: StoreJob, readAtMs: number): void {
  const files = [...filesOf(root)].flatMap(({file: {stamp, content}}) =>
    stamp === undefined || content === undefined ? [] : [{stamp, content}],
  )
  writeStatCache(options.store, folder, {files, readAtMs})
}

/** The platform's own words (platform.md d.1). */
function checkSize(archiveBytes: number, maxBytes: number = slugSizeLimits.maxArchiveBytes): void {
  if (archiveBytes <= maxBytes) return
  const [size, max] = [renderSize(archiveBytes), renderSize(maxBytes)]
  throw new HomeportError('SLUG_TOO_LARGE', `Compiled slug size: ${size} is too large (max is ${max}).`, {
    hint: 'Name in .slugignore what the app does not need to run, and let the build remove what only it needs.',
  })
}

function sizeWarnings({archiveBytes}: SlugRecord): readonly string[] {
  if (archiveBytes <= slugSizeLimits.warnArchiveBytes) return []
  const [size, limit] = [renderSize(archiveBytes), renderSize(slugSizeLimits.warnArchiveBytes)]
  return [`The slug has ${size}; beyond ${limit} its dynos take long to start.`]
}
