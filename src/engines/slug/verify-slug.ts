import {createHash} from 'node:crypto'
import {shownName} from '../../lib/file-name.ts'
import {FrameWriter} from '../../lib/frame-writer.ts'
import {slugHex} from '../../model/slug.ts'
import {appendSlug} from './export-slug.ts'
import {DamagedObjectError, type ObjectReader} from './object-reader.ts'
import {rewritePacks} from './rewrite-packs.ts'
import type {SlugRecord} from './slug-records.ts'
import {lockStore, openObjects, type SlugStore} from './slug-store.ts'
import {atPath, DamagedPathError} from './slug-tree.ts'
import {contentId, type ObjectId} from './tree-object.ts'

export type Verification = {
  /** Every file is what its id says, and the slug too. */
  readonly isWhole: boolean
  /** Paths in the slug of what is damaged or missing, as they are shown. */
  readonly damaged: readonly string[]
  readonly files: number
}

/**
 * Reads all of a slug in the store and checks it. What is damaged is dropped from the store, so that the next build or import of
 * the same content puts it back.
 */
export async function verifySlug(slug: SlugRecord, {store}: {readonly store: SlugStore}): Promise<Verification> {
  const found = await check(slug, store)
  if (found.damaged.size > 0) await dropObjects(new Set(found.damaged.values()), store)
  return {isWhole: found.isWhole, damaged: [...found.damaged.keys()].map(path => shownName(path) || '.'), files: found.files}
}

type Findings = {isWhole: boolean; readonly damaged: Map<string, ObjectId>; files: number}

async function check(slug: SlugRecord, store: SlugStore): Promise<Findings> {
  using _lock = await lockStore(store, 'shared')
  using objects = openObjects(store)
  const findings: Findings = {isWhole: true, damaged: new Map(), files: 0}
  checkFolder(slug.root, '', objects, findings)
  findings.isWhole = findings.damaged.size === 0 && (await tarDigest(slug, objects)) === slugHex(slug.id)
  return findings
}

/** Goes on after damage, to find all of it. */
function checkFolder(folder: ObjectId, path: string, objects: ObjectReader, findings: Findings): void {
  const entries = attempt(path, findings, () => objects.folder(folder)) ?? []
  for (const entry of entries) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`
    if (entry.kind === 'folder') checkFolder(entry.folder, below, objects, findings)
    if (entry.kind !== 'file') continue
    findings.files++
    attempt(below, findings, () => {
      for (const _part of objects.parts(entry.content));
    })
  }
}

function attempt<T>(path: string, {damaged}: Findings, action: () => T): T | undefined {
  try {
    return atPath(path, action)
  } catch (error) {
    if (!(error instanceof DamagedPathError)) throw error
    damaged.set(path, error.damage.id)
    return undefined
  }
}

async function tarDigest(slug: SlugRecord, objects: ObjectReader): Promise<string> {
  const digest = createHash('sha256')
  const frames = new FrameWriter({
    frameBytes: 1024 * 1024,
    pack: async frame => frame,
    write: () => {},
    onFrame: frame => void digest.update(frame),
  })
  await appendSlug(frames, objects, slug)
  await frames.finish()
  return digest.digest('hex')
}

/** Drops objects, and those that are differences to them. */
async function dropObjects(dropped: Set<ObjectId>, store: SlugStore): Promise<void> {
  using _lock = await lockStore(store, 'exclusive')
  using objects = openObjects(store)
  const all = objects.packs.flatMap(pack => pack.index.objects)
  for (let before = -1; before !== dropped.size; ) {
    before = dropped.size
    for (const {id, base} of all) if (base !== undefined && dropped.has(base)) dropped.add(id)
  }
  // Damage of this moment only (a disk that was busy, memory): what reads well now stays.
  for (const id of dropped) if (isReadable(objects, id)) dropped.delete(id)
  const affected = objects.packs.filter(pack => pack.index.objects.some(({id}) => dropped.has(id)))
  await rewritePacks(affected, {store, objects, isKept: id => !dropped.has(id)})
}

function isReadable(objects: ObjectReader, id: ObjectId): boolean {
  try {
    return contentId(Buffer.concat([...objects.parts(id)])) === id
  } catch (error) {
    if (error instanceof DamagedObjectError) return false
    throw error
  }
}
