import {byteName} from '../../lib/file-name.ts'
import {decodeFacts, PlatformVotes, renderPlatform, type SlugPlatform} from '../../model/slug-platform.ts'
import {treeEntries} from './pack-folder.ts'
import {identifyFile} from './read-source-file.ts'
import {filesOf, type ScannedFolder} from './scan-folder.ts'
import type {StatCache} from './stat-cache.ts'
import {placeSlugJson, type Stored, type StoreJob} from './store-job.ts'
import {contentId, encodeFolder, type ObjectId} from './tree-object.ts'

/**
 * The slug that the store has of this tree: reads only what `cache` does not know, up to the first file that the store does not
 * have, and makes no archive. Reading and naming a file costs a tenth of packing it, so this is tried first.
 */
export function findUnchanged(job: StoreJob, cache: StatCache | undefined): Stored | undefined {
  const {root, objects} = job
  if (job.slugs.length === 0) return undefined
  for (const {file} of filesOf(root)) {
    const content = file.stamp === undefined ? undefined : cache?.contentOf(file.stamp)
    if (content !== undefined && objects.has(content)) file.content = content
  }
  const platform = identifyFiles(job)
  const {expectedPlatform = platform} = job.options
  if (platform === undefined || expectedPlatform === undefined || renderPlatform(expectedPlatform) !== renderPlatform(platform))
    return undefined
  placeSlugJson(job, platform)
  const folders = identifyFolders(root)
  const known = job.slugs.find(slug => slug.root === root.id)
  const isWhole = folders.every(id => objects.has(id)) && [...filesOf(root)].every(({file}) => objects.has(file.content ?? ''))
  return known !== undefined && isWhole ? {slug: known, reused: true, newBytes: 0} : undefined
}

/** Reads the files that are not known, and gathers what all of them need of a machine. Undefined at the first that the store lacks. */
function identifyFiles({root, folder, objects}: StoreJob): SlugPlatform | undefined {
  const votes = new PlatformVotes()
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  for (const {path, file} of filesOf(root)) {
    const found = file.content === undefined ? identifyFile(`${byteName(folder)}/${path}`, buffer) : undefined
    if (found !== undefined && !objects.has(found.content)) return undefined
    file.content ??= found?.content
    const facts = found === undefined ? decodeFacts(objects.find(file.content ?? '')?.facts ?? 0) : found.facts
    if (facts !== undefined) votes.add(path, facts)
  }
  return votes.platform
}

/** Gives every folder its id, once its files have theirs. */
function identifyFolders(folder: ScannedFolder): readonly ObjectId[] {
  const below = folder.entries.flatMap(entry => (entry.kind === 'folder' ? identifyFolders(entry) : []))
  folder.id = contentId(encodeFolder(treeEntries(folder)))
  return [...below, folder.id]
}
