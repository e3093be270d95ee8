import {rmSync, statSync} from 'node:fs'
import type {ObjectReader} from './object-reader.ts'
import type {Pack} from './pack.ts'
import type {PackedObject} from './pack-index.ts'
import {PackWriter} from './pack-writer.ts'
import {publish, type SlugStore, storeFolder, temporaryPath} from './slug-store.ts'
import type {ObjectId} from './tree-object.ts'

/**
 * Puts those objects of some packs that `isKept` names into one new pack, then removes the packs: first the new one is there,
 * so a kill leaves nothing missing. Objects that cannot be read any more are dropped. The caller has the store alone.
 */
export async function rewritePacks(
  packs: readonly Pack[],
  {store, objects, isKept}: {store: SlugStore; objects: ObjectReader; isKept: (id: ObjectId) => boolean},
): Promise<void> {
  if (packs.length === 0) return
  const path = temporaryPath(store, '.pack')
  try {
    using writer = new PackWriter(path)
    const done = new Set<ObjectId>()
    for (const pack of packs) {
      for (const object of pack.index.objects) {
        if (done.has(object.id) || !isKept(object.id)) continue
        done.add(object.id)
        await copyObject(pack, object, {writer, objects})
      }
    }
    if (done.size > 0) {
      await writer.finish()
      publish(path, storeFolder(store, 'packs'), path.slice(path.lastIndexOf('-') + 1))
    }
  } finally {
    rmSync(path, {force: true})
  }
  for (const pack of packs) rmSync(pack.path, {force: true})
}

/** As it is packed: a difference stays one. */
async function copyObject(pack: Pack, object: PackedObject, {writer, objects}: {writer: PackWriter; objects: ObjectReader}): Promise<void> {
  const offset = writer.frames.position
  for (const part of objects.rawParts(pack, object)) {
    if (part === undefined) return
    await writer.frames.append(part)
  }
  writer.addObject({...object, offset})
}

/** Bytes that packs take on the disk. */
export function packBytes(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, {throwIfNoEntry: false})?.size ?? 0), 0)
}
