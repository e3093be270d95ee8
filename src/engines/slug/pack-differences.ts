import {zstdCompressSync} from 'node:zlib'
import {type ByteName, byteName} from '../../lib/file-name.ts'
import {maxDifferenceBytes, type ObjectReader} from './object-reader.ts'
import type {PackWriter} from './pack-writer.ts'
import {SourceFile} from './read-source-file.ts'
import type {ScannedFile, ScannedFolder} from './scan-folder.ts'
import {contentId, type ObjectId, type TreeEntry} from './tree-object.ts'

export type DifferencesOptions = {
  readonly writer: PackWriter
  /** The folder that was scanned. */
  readonly folder: string
  /** What the store has already. */
  readonly objects: ObjectReader
  /** The objects of `root`'s folders. */
  readonly folders: ReadonlyMap<ObjectId, Buffer>
  /** The app folder of a similar slug: what is new is written as a difference to what has the same path there. */
  readonly base: ObjectId | undefined
}

/** Differences that lie one on the other cost time when they are read. */
const maxDepth = 12

/** Writes those objects of a tree that the store lacks: one changed line costs some hundred bytes, whatever the file. */
export async function packDifferences(root: ScannedFolder, options: DifferencesOptions): Promise<void> {
  const packer = new DifferencePacker(options)
  await packer.packFolder(root, byteName(options.folder), options.base)
}

class DifferencePacker {
  readonly #options: DifferencesOptions
  readonly #done = new Set<ObjectId>()
  readonly #lacking = new Map<ScannedFolder, boolean>()

  constructor(options: DifferencesOptions) {
    this.#options = options
  }

  async packFolder(folder: ScannedFolder, path: ByteName, base: ObjectId | undefined): Promise<void> {
    if (!this.#lacksAnything(folder)) return
    const old = this.#entriesOf(base)
    for (const entry of folder.entries) {
      if (entry.kind === 'link') continue
      const before = old.get(entry.name)
      if (entry.kind === 'folder') {
        await this.packFolder(entry, `${path}/${entry.name}`, before?.kind === 'folder' ? before.folder : undefined)
      } else await this.#packFile(entry, `${path}/${entry.name}`, before?.kind === 'file' ? before.content : undefined)
    }
    const {id = ''} = folder
    const object = this.#options.folders.get(id)
    if (object !== undefined && this.#isNew(id)) await this.#append({id, facts: 0}, object, base)
  }

  /** Of a folder that is there something may be missing all the same, after damage. */
  #lacksAnything(folder: ScannedFolder): boolean {
    const known = this.#lacking.get(folder)
    if (known !== undefined) return known
    const {objects} = this.#options
    const lacks =
      !objects.has(folder.id ?? '') ||
      folder.entries.some(entry =>
        entry.kind === 'file' ? !objects.has(entry.content ?? '') : entry.kind === 'folder' && this.#lacksAnything(entry),
      )
    this.#lacking.set(folder, lacks)
    return lacks
  }

  async #packFile({content: id, facts, sizeBytes, generated}: ScannedFile, path: ByteName, base: ObjectId | undefined): Promise<void> {
    if (id === undefined || !this.#isNew(id)) return
    if (generated !== undefined) return await this.#append({id, facts}, generated, base)
    using source = new SourceFile(path)
    if (sizeBytes <= maxDifferenceBytes) {
      const bytes = Buffer.allocUnsafe(sizeBytes)
      source.fill(bytes)
      if (contentId(bytes) !== id) throw source.changed()
      return await this.#append({id, facts}, bytes, base)
    }
    const {frames} = this.#options.writer
    this.#options.writer.addObject({id, facts, depth: 0, offset: frames.position, length: sizeBytes})
    for (let left = sizeBytes; left > 0; ) {
      const part = frames.room.subarray(0, left)
      source.fill(part)
      left -= part.length
      await frames.filled(part.length)
    }
    if (source.hasChanged()) throw source.changed()
  }

  /** Each object once. */
  #isNew(id: ObjectId): boolean {
    if (this.#options.objects.has(id) || this.#done.has(id)) return false
    this.#done.add(id)
    return true
  }

  async #append(object: {readonly id: ObjectId; readonly facts: number}, bytes: Buffer, base: ObjectId | undefined): Promise<void> {
    const difference = base === undefined ? undefined : this.#difference(bytes, base)
    await this.#options.writer.append({...object, depth: 0, ...difference?.object}, difference?.bytes ?? bytes)
  }

  #difference(bytes: Buffer, base: ObjectId) {
    const old = this.#options.objects.find(base)
    if (old === undefined || old.depth >= maxDepth || bytes.length > maxDifferenceBytes) return undefined
    if (old.base === undefined && old.length > maxDifferenceBytes) return undefined
    const packed = this.#packOnto(bytes, base)
    const isWorthIt = packed !== undefined && packed.length < 0.7 * zstdCompressSync(bytes).length
    return isWorthIt ? {bytes: packed, object: {base, depth: old.depth + 1}} : undefined
  }

  /** Undefined when the base is damaged, or looks like a dictionary of zstd's own. */
  #packOnto(bytes: Buffer, base: ObjectId): Buffer | undefined {
    try {
      return zstdCompressSync(bytes, {dictionary: this.#options.objects.read(base)})
    } catch {
      return undefined
    }
  }

  #entriesOf(id: ObjectId | undefined): ReadonlyMap<ByteName, TreeEntry> {
    if (id === undefined) return new Map()
    try {
      return new Map(this.#options.objects.folder(id).map(entry => [entry.name, entry]))
    } catch {
      return new Map()
    }
  }
}
