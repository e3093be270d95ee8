import {join} from 'node:path'
import {type SlugStore, slugStore} from '../../src/engines/slug/slug-store.ts'
import type {StoreSlugOptions} from '../../src/engines/slug/store-job.ts'
import {storeSlug} from '../../src/engines/slug/store-slug.ts'
import {type FileTree, writeTree} from './file-tree.ts'
import {test as base} from './temp-folder.ts'

/** A test with a store of slugs of its own, below its folder. */
export const test = base.extend('store', ({folder}): SlugStore => newStore(join(folder, 'home')))

export function newStore(home: string): SlugStore {
  return slugStore({stateDir: join(home, 'state'), cacheDir: join(home, 'cache')})
}

export const webType = new Map([['web', 'bin/web']])

/** Stores a tree as a slug of one type. */
export function storeTree(store: SlugStore, folder: string, tree: FileTree, options: Partial<StoreSlugOptions> = {}) {
  return storeSlug(writeTree(folder, tree), {store, processTypes: webType, stack: 'heroku-24', ...options})
}
