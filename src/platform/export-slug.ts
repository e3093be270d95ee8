import {dirname} from 'node:path'
import {exportSlug} from '../engines/slug/export-slug.ts'
import type {SlugStore} from '../engines/slug/slug-store.ts'
import type {Packing} from '../lib/pack-frames.ts'
import {HomeportError} from '../model/error.ts'
import type {SlugId} from '../model/slug.ts'
import {findSlug} from './find-slug.ts'
import {requireFolder} from './require-folder.ts'

const packings: readonly (readonly [ending: string, packing: Packing])[] = [
  ['.tar.zst', 'tar.zst'],
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar', 'tar'],
]

/** Writes a slug of the store into an archive file, packed as the file's name says. Rejects with SLUG_UNKNOWN, FLAG_INVALID, SLUG_DAMAGED. */
export async function exportSlugFile(word: string, {store, file}: {store: SlugStore; file: string}): Promise<{id: SlugId; bytes: number}> {
  const slug = findSlug(store, word)
  requireFolder(dirname(file))
  return {id: slug.id, bytes: await exportSlug(slug, {store, file, packing: packingOf(file)})}
}

/** How an archive of that name is packed. Throws FLAG_INVALID when the name does not say it. */
export function packingOf(file: string): Packing {
  const packing = packings.find(([ending]) => file.endsWith(ending))?.[1]
  if (packing !== undefined) return packing
  throw new HomeportError('FLAG_INVALID', `The name ${file} does not say how to pack the slug.`, {
    hint: 'Let it end in .tar.gz, .tar.zst or .tar.',
  })
}
