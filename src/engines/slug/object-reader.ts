import {createHash} from 'node:crypto'
import {zstdDecompressSync} from 'node:zlib'
import type {Pack} from './pack.ts'
import type {PackedObject} from './pack-index.ts'
import {contentId, decodeFolder, type ObjectId, type TreeEntry} from './tree-object.ts'

/** An object that is not in the store, or is not what its id says. */
export class DamagedObjectError extends Error {
  readonly id: ObjectId
  /** What is there in its place; undefined when it cannot be read at all. */
  readonly actual: ObjectId | undefined

  constructor(id: ObjectId, actual?: ObjectId) {
    super(`the object ${Buffer.from(id, 'latin1').toString('hex')} is damaged`)
    this.name = 'DamagedObjectError'
    this.id = id
    this.actual = actual
  }
}

type Location = {readonly pack: Pack; readonly object: PackedObject}

/** Frames that stay unpacked: objects of a tree lie in the order in which they are asked for, but for the ones it shares. */
const framesKept = 6

/** Reads objects out of packs, each checked against its id. */
export class ObjectReader implements Disposable {
  readonly packs: readonly Pack[]
  readonly #locations = new Map<ObjectId, Location>()
  /** In the order of their last use. */
  readonly #frames = new Map<string, Buffer>()
  readonly #ahead = new Map<string, Promise<Buffer | undefined>>()

  constructor(packs: readonly Pack[]) {
    this.packs = packs
    for (const pack of packs) {
      for (const object of pack.index.objects) if (!this.#locations.has(object.id)) this.#locations.set(object.id, {pack, object})
    }
  }

  has(id: ObjectId): boolean {
    return this.#locations.has(id)
  }

  find(id: ObjectId): PackedObject | undefined {
    return this.#locations.get(id)?.object
  }

  /** An object as a whole. Throws DamagedObjectError. */
  read(id: ObjectId): Buffer {
    const bytes = this.#unchecked(id)
    const actual = contentId(bytes)
    if (actual !== id) throw new DamagedObjectError(id, actual)
    return bytes
  }

  /**
   * Unpacks the frame that an object lies in on another core, and begins with the one behind it, since objects are mostly asked
   * for in the order in which they lie. Undefined when `parts` and `read` will not have to unpack anything.
   */
  prepare(id: ObjectId): Promise<void> | undefined {
    const {pack, object} = this.#locate(id)
    if (object.length === 0) return undefined
    const first = pack.frameAt(object.offset).frame
    const last = Math.min(pack.frameAt(object.offset + object.length - 1).frame, first + framesKept - 2)
    const isThere = this.#frames.has(frameKey(pack, first)) && this.#frames.has(frameKey(pack, last))
    return isThere ? undefined : this.#unpackAhead(pack, first, last)
  }

  async #unpackAhead(pack: Pack, first: number, last: number): Promise<void> {
    for (let frame = first; frame <= last; frame++) {
      const key = frameKey(pack, frame)
      const bytes = this.#frames.get(key) ?? (await this.#begin(pack, frame))
      this.#ahead.delete(key)
      if (bytes !== undefined) this.#keep(key, bytes)
    }
    if (last + 1 < pack.index.frames.length && !this.#frames.has(frameKey(pack, last + 1))) void this.#begin(pack, last + 1)
  }

  /** At most one frame of each pack is unpacked ahead. */
  #begin(pack: Pack, frame: number): Promise<Buffer | undefined> {
    const key = frameKey(pack, frame)
    const begun = this.#ahead.get(key) ?? pack.frameSoon(frame).catch(() => undefined)
    this.#ahead.set(key, begun)
    return begun
  }

  /** An object in parts, for large ones: each part is valid until the next. Throws DamagedObjectError, maybe after the last part. */
  *parts(id: ObjectId): Generator<Buffer, void> {
    const {pack, object} = this.#locate(id)
    if (object.base !== undefined || this.#isInOneFrame(pack, object)) {
      yield this.read(id)
      return
    }
    const digest = createHash('sha256')
    for (const part of this.#range(pack, object)) {
      digest.update(part)
      yield part
    }
    const actual = digest.digest('binary')
    if (actual !== id) throw new DamagedObjectError(id, actual)
  }

  /** The entries of a folder. Throws DamagedObjectError. */
  folder(id: ObjectId): readonly TreeEntry[] {
    return decodeFolder(this.read(id))
  }

  /** An object as it lies in a pack, not checked; ends with undefined where it cannot be read. */
  *rawParts(pack: Pack, object: PackedObject): Generator<Buffer | undefined, void> {
    try {
      yield* this.#range(pack, object)
    } catch (error) {
      if (!(error instanceof DamagedObjectError)) throw error
      yield undefined
    }
  }

  [Symbol.dispose](): void {
    for (const pack of this.packs) pack[Symbol.dispose]()
    this.#frames.clear()
  }

  #locate(id: ObjectId): Location {
    const location = this.#locations.get(id)
    if (location === undefined) throw new DamagedObjectError(id)
    return location
  }

  #unchecked(id: ObjectId): Buffer {
    const {pack, object} = this.#locate(id)
    const parts = [...this.#range(pack, object)]
    const [only] = parts
    const bytes = only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
    if (object.base === undefined) return bytes
    try {
      return zstdDecompressSync(bytes, {dictionary: this.read(object.base), maxOutputLength: maxDifferenceBytes})
    } catch {
      throw new DamagedObjectError(id)
    }
  }

  #isInOneFrame(pack: Pack, {offset, length}: PackedObject): boolean {
    return length === 0 || pack.frameAt(offset).frame === pack.frameAt(offset + length - 1).frame
  }

  *#range(pack: Pack, {id, offset, length}: PackedObject): Generator<Buffer, void> {
    for (let done = 0; done < length; ) {
      const place = pack.frameAt(offset + done)
      const bytes = this.#frame(pack, place.frame)
      const part = bytes?.subarray(place.offset, place.offset + length - done)
      if (part === undefined || part.length === 0) throw new DamagedObjectError(id)
      done += part.length
      yield part
    }
  }

  #frame(pack: Pack, frame: number): Buffer | undefined {
    const key = frameKey(pack, frame)
    const bytes = this.#frames.get(key) ?? pack.frame(frame)
    if (bytes !== undefined) this.#keep(key, bytes)
    return bytes
  }

  /** The frame that was not used for the longest time gives way. */
  #keep(key: string, bytes: Buffer): void {
    this.#frames.delete(key)
    this.#frames.set(key, bytes)
    const [oldest] = this.#frames.keys()
    if (this.#frames.size > framesKept && oldest !== undefined) this.#frames.delete(oldest)
  }
}

function frameKey(pack: Pack, frame: number): string {
  return `${frame} ${pack.path}`
}

/** Objects larger than this are never written as a difference. */
export const maxDifferenceBytes = 1024 * 1024
