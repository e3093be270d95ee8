import {type Pruned, pruneSlugs} from '../engines/slug/prune-slugs.ts'
import {readSlugs} from '../engines/slug/slug-records.ts'
import type {SlugStore} from '../engines/slug/slug-store.ts'
import {pinnedSlugs} from '../engines/slug/slug-use.ts'
import type {SlugUsers} from './list-slugs.ts'

export type PruneStoreOptions = {
  readonly store: SlugStore
  /** What the ledgers of releases need. */
  readonly releases?: SlugUsers
  /** So many of the newest stay, needed or not. */
  readonly keepNewest?: number
}

/** Removes the slugs of this machine that no release, no running app and no pin needs. */
export async function pruneStore({store, releases, keepNewest = 0}: PruneStoreOptions): Promise<Pruned> {
  const newest = new Set(
    readSlugs(store)
      .slice(0, keepNewest)
      .map(({id}) => id),
  )
  return await pruneSlugs({store, isKept: id => newest.has(id) || pinnedSlugs(store).has(id) || (releases?.(id).length ?? 0) > 0})
}
