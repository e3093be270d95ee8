import {readSlugs, type SlugRecord} from '../engines/slug/slug-records.ts'
import type {SlugStore} from '../engines/slug/slug-store.ts'
import {findSlugId} from '../model/slug.ts'

/** The slug of the store that a whole or shortened id stands for. Throws SLUG_UNKNOWN, also when it stands for several. */
export function findSlug(store: SlugStore, word: string): SlugRecord {
  const slugs = readSlugs(store)
  const id = findSlugId(
    word,
    slugs.map(slug => slug.id),
  )
  const slug = slugs.find(known => known.id === id)
  if (slug === undefined) throw new Error(`${id} is no slug of the store`)
  return slug
}
