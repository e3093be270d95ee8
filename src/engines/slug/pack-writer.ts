import {closeSync, fsyncSync, openSync} from 'node:fs'
import {FrameWriter, type FrameWriterOptions} from '../../lib/frame-writer.ts'
import {framePacking} from '../../lib/pack-frames.ts'
import {writeAll} from '../../lib/write-all.ts'
import {encodeIndex, type PackedObject, type PackFrame, packMagic} from './pack-index.ts'

/** Writes a pack into a new file. What it returns as a promise wants to be awaited before more comes. */
export class PackWriter implements Disposable {
  readonly frames: FrameWriter
  readonly #descriptor: number
  readonly #frames: PackFrame[] = []
  readonly #objects: PackedObject[] = []
  #archive: {readonly slug: string; readonly frames: number} | undefined
  #packedBytes = 0
  #isClosed = false

  /** `onFrame` sees the raw frames in order, for a digest of the whole. */
  constructor(path: string, {onFrame}: {readonly onFrame?: FrameWriterOptions['onFrame']} = {}) {
    this.#descriptor = openSync(path, 'wx', 0o600)
    writeAll(this.#descriptor, Buffer.from(packMagic, 'latin1'))
    const {frameBytes, pack} = framePacking('tar.zst')
    this.frames = new FrameWriter({
      frameBytes,
      pack,
      ...(onFrame === undefined ? {} : {onFrame}),
      write: (packed, rawBytes) => {
        writeAll(this.#descriptor, packed)
        this.#frames.push({packedBytes: packed.length, rawBytes})
        this.#packedBytes += packed.length
      },
    })
  }

  /** Names a range of what was and will be appended. */
  addObject(object: PackedObject): void {
    this.#objects.push(object)
  }

  /** Appends an object as it is. */
  append(object: Omit<PackedObject, 'offset' | 'length'>, bytes: Uint8Array): Promise<void> | undefined {
    this.#objects.push({...object, offset: this.frames.position, length: bytes.length})
    return this.frames.append(bytes)
  }

  /** All that was appended so far is the canonical tar of a slug; resolves with the size of its archive. */
  async endArchive(slugHex: () => Promise<string>): Promise<number> {
    await this.frames.finish()
    this.#archive = {slug: await slugHex(), frames: this.#frames.length}
    return this.#packedBytes
  }

  /** Writes what is left and the index, and waits until the disk has all of it. Resolves with the size of the pack. */
  async finish(): Promise<number> {
    await this.frames.finish()
    const end = encodeIndex({
      frames: this.#frames,
      objects: this.#objects,
      ...(this.#archive === undefined ? {} : {archive: this.#archive}),
    })
    writeAll(this.#descriptor, end)
    fsyncSync(this.#descriptor)
    this[Symbol.dispose]()
    return packMagic.length + this.#packedBytes + end.length
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#descriptor)
  }
}
