import {createHash, randomBytes} from 'node:crypto'
import {closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync} from 'node:fs'
import {FrameWriter} from '../../lib/frame-writer.ts'
import {framePacking, type Packing} from '../../lib/pack-frames.ts'
import {writeAll} from '../../lib/write-all.ts'
import {slugHex} from '../../model/slug.ts'
import {CanonicalTar} from './canonical-tar.ts'
import {DamagedObjectError, type ObjectReader} from './object-reader.ts'
import type {Pack} from './pack.ts'
import type {SlugRecord} from './slug-records.ts'
import {lockStore, openObjects, type SlugStore} from './slug-store.ts'
import {atPath, DamagedPathError, readingSlug, walkTree} from './slug-tree.ts'

export type ExportSlugOptions = {
  readonly store: SlugStore
  /** The archive's file; one that is there is replaced when the new one is whole. */
  readonly file: string
  readonly packing: Packing
  readonly signal?: AbortSignal
}

/**
 * Writes a slug as an archive, with the same bytes each time and everywhere (cli.md section 7). Needs the memory of some
 * frames, whatever the slug. Resolves with the size of the archive; rejects with SLUG_DAMAGED and leaves no file behind.
 */
export async function exportSlug(slug: SlugRecord, {store, file, packing, signal}: ExportSlugOptions): Promise<number> {
  using _lock = await lockStore(store, 'shared', signal === undefined ? {} : {signal})
  using objects = openObjects(store)
  return await readingSlug(slug, () =>
    intoFile(file, async descriptor => {
      let bytes = 0
      await writeArchive(slug, {
        objects,
        packing,
        write(part) {
          signal?.throwIfAborted()
          writeAll(descriptor, part)
          bytes += part.length
        },
      })
      return bytes
    }),
  )
}

/** What is no plain file (a pipe, /dev/stdout) is written as it is; a plain one is replaced at the end, behind a link too. */
async function intoFile(file: string, write: (descriptor: number) => Promise<number>): Promise<number> {
  const found = statSync(file, {throwIfNoEntry: false})
  const isPlain = found === undefined || found.isFile()
  const target = found === undefined ? file : realpathSync(file)
  const path = isPlain ? `${target}.${randomBytes(6).toString('hex')}` : file
  const descriptor = openSync(path, isPlain ? 'wx' : 'w')
  try {
    const bytes = await write(descriptor)
    if (isPlain) {
      fsyncSync(descriptor)
      renameSync(path, target)
    }
    return bytes
  } catch (error) {
    if (isPlain) rmSync(path, {force: true})
    throw error
  } finally {
    closeSync(descriptor)
  }
}

type ArchiveOptions = {readonly objects: ObjectReader; readonly packing: Packing; readonly write: (part: Buffer) => void}

async function writeArchive(slug: SlugRecord, {objects, packing, write}: ArchiveOptions): Promise<void> {
  const ready = packing === 'tar.zst' ? objects.packs.find(pack => pack.index.archive?.slug === slugHex(slug.id)) : undefined
  const digest = createHash('sha256')
  if (ready === undefined) {
    const {frameBytes, pack, head, tail} = framePacking(packing)
    const frames = new FrameWriter({frameBytes, pack, write, onFrame: frame => void digest.update(frame)})
    write(head)
    await appendSlug(frames, objects, slug)
    await frames.finish()
    write(tail())
  } else await copyArchive(ready, {write, onFrame: frame => digest.update(frame)})
  checkDigest(slug, digest.digest('binary'))
}

type CopyOptions = {readonly write: (part: Buffer) => void; readonly onFrame: (frame: Buffer) => void}

/** The frames of the pack that was made of this very slug are the archive. */
async function copyArchive(pack: Pack, {write, onFrame}: CopyOptions): Promise<void> {
  for (let frame = 0; frame < (pack.index.archive?.frames ?? 0); frame++) {
    onFrame((await pack.frameSoon(frame)) ?? Buffer.alloc(0))
    write(pack.packedFrame(frame))
  }
}

/** The canonical tar of a slug, out of the store. */
export async function appendSlug(frames: FrameWriter, objects: ObjectReader, {root}: SlugRecord): Promise<void> {
  const tar = new CanonicalTar(frames)
  await tar.folder('')
  for (const {path, entry} of walkTree(objects, root)) {
    if (entry.kind === 'folder') await tar.folder(path)
    else if (entry.kind === 'link') await tar.link(path, entry.target)
    else {
      await tar.file(path, entry)
      await atPath(path, () => objects.prepare(entry.content))
      const parts = objects.parts(entry.content)
      for (let part = atPath(path, () => parts.next()); !part.done; part = atPath(path, () => parts.next())) await frames.append(part.value)
      await tar.padding(entry.sizeBytes)
    }
  }
  await tar.end()
}

function checkDigest({id}: SlugRecord, actual: string): void {
  const expected = Buffer.from(slugHex(id), 'hex').toString('latin1')
  if (actual !== expected) throw new DamagedPathError('', new DamagedObjectError(expected, actual))
}
