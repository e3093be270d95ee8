import {type Checkout, checkoutSlug} from '../engines/slug/checkout-slug.ts'
import type {SlugRecord} from '../engines/slug/slug-records.ts'
import {slugStore} from '../engines/slug/slug-store.ts'
import {sandboxUser} from '../model/dyno-user.ts'
import type {Settings} from '../model/settings.ts'
import {findSlug} from './find-slug.ts'

/** A slug that runs: its checkout, kept from being pruned until disposed. */
export type SlugInUse = Disposable & {readonly slug: SlugRecord; readonly folder: string}

/** Finds a slug by its id or a part of it, and lays it out. Rejects with SLUG_UNKNOWN, SLUG_DAMAGED. */
export async function useSlugOf(reference: string, settings: Settings): Promise<SlugInUse> {
  const store = slugStore(settings)
  const slug = findSlug(store, reference)
  const isRoot = process.geteuid?.() === 0
  const checkout: Checkout = await checkoutSlug(slug, {store, ...(isRoot ? {owner: sandboxUser} : {})})
  return {slug, folder: checkout.folder, [Symbol.dispose]: () => checkout[Symbol.dispose]()}
}
