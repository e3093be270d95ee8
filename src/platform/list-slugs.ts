import {readSlugs, type SlugRecord} from '../engines/slug/slug-records.ts'
import type {SlugStore} from '../engines/slug/slug-store.ts'
import {isInUse, pinnedSlugs} from '../engines/slug/slug-use.ts'
import type {Slug, SlugId} from '../model/slug.ts'

/** Who needs a slug, in words for people: `release v3 of shop`. Looks anew each time it is asked. */
export type SlugUsers = (id: SlugId) => readonly string[]

export type ListSlugsOptions = {
  readonly store: SlugStore
  /** What the ledgers of releases need. */
  readonly releases?: SlugUsers
}

/** A slug of this machine and what it is used by; nothing: a prune removes it. */
export type ListedSlug = Slug & {readonly usedBy: readonly string[]}

/** All slugs of this machine, newest first. */
export async function listSlugs(options: ListSlugsOptions): Promise<readonly ListedSlug[]> {
  const listed: ListedSlug[] = []
  for (const slug of readSlugs(options.store)) listed.push(await withUsers(slug, options))
  return listed
}

/** Adds what uses a slug. */
export async function withUsers(slug: SlugRecord, {store, releases}: ListSlugsOptions): Promise<ListedSlug> {
  const {root: _, ...facts} = slug
  const usedBy = [
    ...(releases?.(slug.id) ?? []),
    ...((await isInUse(store, slug.id)) ? ['a running app'] : []),
    ...(pinnedSlugs(store).has(slug.id) ? ['a pin'] : []),
  ]
  return {...facts, usedBy}
}
