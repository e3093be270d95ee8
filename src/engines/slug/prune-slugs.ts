import {rmSync} from 'node:fs'
import type {SlugId} from '../../model/slug.ts'
import {removeCheckouts} from './checkout-slug.ts'
import {DamagedObjectError, type ObjectReader} from './object-reader.ts'
import type {Pack} from './pack.ts'
import type {PackedObject} from './pack-index.ts'
import {packBytes, rewritePacks} from './rewrite-packs.ts'
import {readSlugs, recordPath, type SlugRecord} from './slug-records.ts'
import {lockStore, openObjects, packPaths, type SlugStore} from './slug-store.ts'
import {forgetUse, lockUnused} from './slug-use.ts'
import type {ObjectId, TreeEntry} from './tree-object.ts'

export type PruneOptions = {
  readonly store: SlugStore
  /**
   * Whether something needs a slug: a release, a pin. Asked when nobody can begin to use the slug any more, so who makes a release
   * of it uses it (`useSlug`) until the release is written. What a running app uses is kept anyway.
   */
  readonly isKept: (id: SlugId) => boolean
}

export type Pruned = {
  readonly removed: readonly SlugRecord[]
  /** Bytes of the packs that are gone; checkouts come on top. */
  readonly freedBytes: number
}

/**
 * Removes the slugs that nothing needs, their checkouts, and the content that no other slug has. A slug goes first and its
 * content after it, so a kill in between leaves only content that the next prune finds.
 */
export async function pruneSlugs({store, isKept}: PruneOptions): Promise<Pruned> {
  using _lock = await lockStore(store, 'exclusive')
  const removed: SlugRecord[] = []
  const kept: SlugRecord[] = []
  for (const slug of readSlugs(store)) {
    if (await removeSlug(slug, {store, isKept})) removed.push(slug)
    else kept.push(slug)
  }
  for (const slug of kept) await removeLeftovers(slug, store)
  const before = packBytes(packPaths(store))
  await removeContent(kept, store)
  return {removed, freedBytes: Math.max(0, before - packBytes(packPaths(store)))}
}

/** False when something needs it. */
async function removeSlug(slug: SlugRecord, {store, isKept}: PruneOptions): Promise<boolean> {
  using unused = await lockUnused(store, slug.id)
  if (unused === undefined || isKept(slug.id)) return false
  rmSync(recordPath(store, slug.id), {force: true})
  removeCheckouts(store, slug, {which: 'all'})
  forgetUse(store, slug.id)
  return true
}

/** Checkouts that were replaced while a dyno still had them. */
async function removeLeftovers(slug: SlugRecord, store: SlugStore): Promise<void> {
  using unused = await lockUnused(store, slug.id)
  if (unused !== undefined) removeCheckouts(store, slug, {which: 'left'})
}

/** A pack is made anew when less than this of its content is needed, and small ones when there are many of them. */
const keepShare = 0.7
const smallPackBytes = 1024 * 1024
const manySmallPacks = 64

async function removeContent(kept: readonly SlugRecord[], store: SlugStore): Promise<void> {
  using objects = openObjects(store)
  const needed = neededObjects(kept, objects)
  const opened = new Set(objects.packs.map(({path}) => path))
  // Packs that cannot be read hold nothing that anybody could use.
  for (const path of packPaths(store)) if (!opened.has(path)) rmSync(path, {force: true})
  const living = objects.packs.filter(pack => neededBytes(pack, needed) > 0)
  const small = living.filter(({path}) => packBytes([path]) < smallPackBytes)
  const merged = new Set(small.length > manySmallPacks ? small : [])
  const rewritten = living.filter(pack => merged.has(pack) || neededBytes(pack, needed) < keepShare * contentBytes(pack.index.objects))
  await rewritePacks(rewritten, {store, objects, isKept: id => needed.has(id)})
  for (const pack of objects.packs) if (!living.includes(pack)) rmSync(pack.path, {force: true})
}

/** Everything below the slugs, and what that is a difference to. What is damaged is passed over: nobody can use it. */
function neededObjects(slugs: readonly SlugRecord[], objects: ObjectReader): ReadonlySet<ObjectId> {
  const needed = new Set<ObjectId>()
  const need = (id: ObjectId | undefined): void => {
    for (let next = id; next !== undefined && !needed.has(next); next = objects.find(next)?.base) needed.add(next)
  }
  const walked = new Set<ObjectId>()
  for (const {root} of slugs) needTree(root)
  return needed

  function needTree(folder: ObjectId): void {
    if (walked.has(folder)) return
    walked.add(folder)
    need(folder)
    for (const entry of entriesOf(objects, folder)) {
      if (entry.kind === 'folder') needTree(entry.folder)
      else if (entry.kind === 'file') need(entry.content)
    }
  }
}

function entriesOf(objects: ObjectReader, folder: ObjectId): readonly TreeEntry[] {
  try {
    return objects.folder(folder)
  } catch (error) {
    if (error instanceof DamagedObjectError) return []
    throw error
  }
}

function neededBytes(pack: Pack, needed: ReadonlySet<ObjectId>): number {
  return contentBytes(pack.index.objects.filter(({id}) => needed.has(id)))
}

function contentBytes(objects: readonly PackedObject[]): number {
  return objects.reduce((sum, {length}) => sum + length + 1, 0)
}
