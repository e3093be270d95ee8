import {rmSync} from 'node:fs'
import type {ObjectReader} from './object-reader.ts'
import {packDifferences} from './pack-differences.ts'
import {type PackedFolder, treeEntries} from './pack-folder.ts'
import {PackWriter} from './pack-writer.ts'
import {filesOf} from './scan-folder.ts'
import {publish, storeFolder, temporaryPath} from './slug-store.ts'
import type {StoreJob} from './store-job.ts'
import type {ObjectId} from './tree-object.ts'

/** New content of more than this is worth no search for what it differs in, when it is most of a slug. */
const maxDifferences = 8 * 1024 * 1024

/**
 * Publishes what the store lacks of a packed folder: the pack with all of it when most is new, else one with only that. Resolves
 * with the bytes that the store grew by.
 */
export async function publishObjects(job: StoreJob, packed: PackedFolder, packPath: string): Promise<number> {
  const missing = countMissing(job, packed)
  if (missing.objects === 0) return 0
  const base = similarRoot(job)
  const isMostlyNew = missing.bytes * 2 >= packed.sizeBytes && missing.bytes > maxDifferences
  if (base === undefined || isMostlyNew) return await publishPack(job, packed.writer, packPath)
  const path = temporaryPath(job.options.store, '.pack')
  try {
    using writer = new PackWriter(path)
    const {root, folder, objects} = job
    await packDifferences(root, {writer, folder, objects, folders: packed.folders, base})
    return await publishPack(job, writer, path)
  } finally {
    rmSync(path, {force: true})
  }
}

function countMissing({root, objects}: StoreJob, {folders}: PackedFolder): {readonly objects: number; readonly bytes: number} {
  const missing = [...filesOf(root)].filter(({file}) => !objects.has(file.content ?? ''))
  const missingFolders = [...folders.keys()].filter(id => !objects.has(id))
  return {objects: missing.length + missingFolders.length, bytes: missing.reduce((sum, {file}) => sum + file.sizeBytes, 0)}
}

async function publishPack({options: {store}}: StoreJob, writer: PackWriter, path: string): Promise<number> {
  const bytes = await writer.finish()
  publish(path, storeFolder(store, 'packs'), path.slice(path.lastIndexOf('-') + 1))
  return bytes
}

const similarSlugs = 8

/** Among the newest slugs the one that shares most at the top of its tree. */
function similarRoot({root, slugs, objects}: StoreJob): ObjectId | undefined {
  const own = new Set(treeEntries(root).map(entry => JSON.stringify(entry)))
  const ranked = slugs.slice(0, similarSlugs).map(slug => ({root: slug.root, shared: sharedEntries(objects, slug.root, own)}))
  return ranked.toSorted((one, other) => other.shared - one.shared)[0]?.root
}

function sharedEntries(objects: ObjectReader, root: ObjectId, own: ReadonlySet<string>): number {
  try {
    return objects.folder(root).filter(entry => own.has(JSON.stringify(entry))).length
  } catch {
    return -1 // damaged: what is new is then written as it is
  }
}
