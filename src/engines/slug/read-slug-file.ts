import {byteName} from '../../lib/file-name.ts'
import type {SlugRecord} from './slug-records.ts'
import {lockStore, openObjects, type SlugStore} from './slug-store.ts'
import {atPath, readingSlug} from './slug-tree.ts'

/** A file in the top folder of a slug, such as app.json; undefined when it is not there, or larger than `maxBytes`. Rejects with SLUG_DAMAGED. */
export async function readSlugFile(
  slug: Pick<SlugRecord, 'id' | 'root'>,
  name: string,
  {store, maxBytes}: {readonly store: SlugStore; readonly maxBytes: number},
): Promise<Buffer | undefined> {
  using _lock = await lockStore(store, 'shared')
  using objects = openObjects(store)
  return await readingSlug(slug, async () => {
    const found = atPath('', () => objects.folder(slug.root)).find(entry => entry.name === byteName(name))
    if (found?.kind !== 'file' || found.sizeBytes > maxBytes) return undefined
    return atPath(found.name, () => objects.read(found.content))
  })
}
