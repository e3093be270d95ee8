import {rm} from 'node:fs/promises'
import {copyTree} from '../../lib/copy-tree.ts'
import {checkoutSlug} from './checkout-slug.ts'
import type {SlugRecord} from './slug-records.ts'
import type {SlugStore} from './slug-store.ts'
import type {TreeWriterOptions} from './tree-writer.ts'

export type PrivateCopyOptions = TreeWriterOptions & {
  readonly store: SlugStore
  /** A folder that does not exist yet. */
  readonly to: string
}

/**
 * Copies a slug for one dyno alone, for machines where nothing can be mounted; files share their blocks where the file system
 * can. Resolves with warnings: the dyno has no `/app`, so what names it goes wrong. Rejects with SLUG_DAMAGED.
 */
export async function privateCopy(slug: SlugRecord, {store, to, owner}: PrivateCopyOptions): Promise<readonly string[]> {
  using checkout = await checkoutSlug(slug, {store})
  try {
    await copyTree(checkout.folder, to, owner === undefined ? {} : {owner})
  } catch (error) {
    await rm(to, {recursive: true, force: true})
    throw error
  }
  return appPathWarnings(slug)
}

/** What to tell about a slug that runs where it is not at `/app`. */
export function appPathWarnings({appPathFiles}: Pick<SlugRecord, 'appPathFiles'>): readonly string[] {
  return appPathFiles.map(path => `${path} names /app/, which does not exist for a dyno that has its own copy of the slug.`)
}
