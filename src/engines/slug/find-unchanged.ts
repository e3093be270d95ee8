import {byteName} from '../../lib/file-name.ts'
import {decodeFacts, PlatformVotes, type SlugPlatform} from '../../model/slug-platform.ts'
import {treeEntries} from './pack-folder.ts'
import {identifyFile} from './read-source-file.ts'
import {filesOf, type ScannedFolder} from './scan-folder.ts'
import type {StatCache} from './stat-cache.ts'
import {placeSlugJson, type Stored, type StoreJob} from './store-job.ts'
import {contentId, encodeFolder, type ObjectId} from './tree-object.ts'

/** With no more than this to read, it is worth finding out first whether the store has this very tree. */
const maxReadAheadBytes = 32 * 1024 * 1024

/** The slug that the store has of this tree: reads only files that changed, and makes no archive. */
export function findUnchanged(job: StoreJob, cache: StatCache): Stored | undefined {
  const {root, objects} = job
  let unknownBytes = 0
  for (const {file} of filesOf(root)) {
    const content = file.stamp === undefined ? undefined : cache.contentOf(file.stamp)
    if (content !== undefined && objects.has(content)) file.content = content
    else unknownBytes += file.sizeBytes
  }
  if (unknownBytes > maxReadAheadBytes) return undefined
  placeSlugJson(job, identifyFiles(job))
  const folders = identifyFolders(root)
  const known = job.slugs.find(slug => slug.root === root.id)
  const isWhole = folders.every(id => objects.has(id)) && [...filesOf(root)].every(({file}) => objects.has(file.content ?? ''))
  return known !== undefined && isWhole ? {slug: known, reused: true, newBytes: 0} : undefined
}

/** Reads the files that are not known, and gathers what all of them need of a machine. */
function identifyFiles({root, folder, objects}: StoreJob): SlugPlatform {
  const votes = new PlatformVotes()
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  for (const {path, file} of filesOf(root)) {
    const found = file.content === undefined ? identifyFile(`${byteName(folder)}/${path}`, buffer) : undefined
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
