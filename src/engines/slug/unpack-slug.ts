import type {SlugRecord} from './slug-records.ts'
import {lockStore, type SlugStore} from './slug-store.ts'
import {readingSlug} from './slug-tree.ts'
import {doJob} from './thread-job.ts'

export type UnpackSlugOptions = {readonly store: SlugStore; readonly to: string; readonly signal?: AbortSignal}

/** Writes a slug's app folder out of the store into a folder of the caller's, new or empty. Rejects with SLUG_DAMAGED. */
export async function unpackSlug(slug: SlugRecord, {store, to, signal}: UnpackSlugOptions): Promise<void> {
  using _lock = await lockStore(store, 'shared')
  await readingSlug(slug, () =>
    doJob({kind: 'materialise', store, root: slug.root, to}, {sizeBytes: slug.sizeBytes, ...(signal === undefined ? {} : {signal})}),
  )
}
