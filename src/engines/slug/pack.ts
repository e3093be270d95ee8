import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import {promisify} from 'node:util'
import {zstdDecompress, zstdDecompressSync} from 'node:zlib'
import {decodeIndex, footerBytes, type PackIndex, packMagic, readFooter} from './pack-index.ts'

/** A finished pack, open for reading. */
export class Pack implements Disposable {
  readonly path: string
  readonly index: PackIndex
  readonly #descriptor: number
  /** Where each frame begins: in the file, and in the stream. One more for where the last ends. */
  readonly #fileStarts: readonly number[]
  readonly #streamStarts: readonly number[]

  private constructor(path: string, descriptor: number, index: PackIndex) {
    this.path = path
    this.index = index
    this.#descriptor = descriptor
    const fileStarts = [packMagic.length]
    const streamStarts = [0]
    for (const [row, {packedBytes, rawBytes}] of index.frames.entries()) {
      fileStarts.push((fileStarts[row] ?? 0) + packedBytes)
      streamStarts.push((streamStarts[row] ?? 0) + rawBytes)
    }
    this.#fileStarts = fileStarts
    this.#streamStarts = streamStarts
  }

  /** Undefined when the file is no whole pack. Throws Node's errors. */
  static open(path: string): Pack | undefined {
    const descriptor = openSync(path, 'r')
    try {
      const index = readIndex(descriptor)
      if (index !== undefined) return new Pack(path, descriptor, index)
      closeSync(descriptor)
      return undefined
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  /** The frame in which a place of the stream lies, and where in it. */
  frameAt(position: number): {readonly frame: number; readonly offset: number} {
    let [low, high] = [0, this.index.frames.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#streamStarts[middle] ?? 0) <= position) low = middle
      else high = middle - 1
    }
    return {frame: low, offset: position - (this.#streamStarts[low] ?? 0)}
  }

  /** The frame as it lies in the file; shorter when the file was cut. */
  packedFrame(frame: number): Buffer {
    const start = this.#fileStarts[frame] ?? 0
    return readPart(this.#descriptor, start, (this.#fileStarts[frame + 1] ?? start) - start)
  }

  /** Undefined when the frame is damaged. */
  frame(frame: number): Buffer | undefined {
    try {
      return this.#wholeFrame(frame, zstdDecompressSync(this.packedFrame(frame), this.#unpackOptions(frame)))
    } catch (error) {
      if (isZstdError(error)) return undefined
      throw error
    }
  }

  /** The same, on another core. */
  async frameSoon(frame: number): Promise<Buffer | undefined> {
    try {
      return this.#wholeFrame(frame, await unpackSoon(this.packedFrame(frame), this.#unpackOptions(frame)))
    } catch (error) {
      if (isZstdError(error)) return undefined
      throw error
    }
  }

  #unpackOptions(frame: number) {
    const rawBytes = this.index.frames[frame]?.rawBytes ?? 0
    return {chunkSize: Math.max(rawBytes, 64), maxOutputLength: rawBytes + 64}
  }

  #wholeFrame(frame: number, raw: Buffer): Buffer | undefined {
    return raw.length === this.index.frames[frame]?.rawBytes ? raw : undefined
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }
}

const unpackSoon = promisify(zstdDecompress)

function isZstdError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:ZSTD_|Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))
}

function readIndex(descriptor: number): PackIndex | undefined {
  const {size} = fstatSync(descriptor)
  const footer = readPart(descriptor, Math.max(0, size - footerBytes), footerBytes)
  const found = readFooter(footer)
  if (found === undefined) return undefined
  const start = size - footerBytes - found.indexBytes
  return start < packMagic.length ? undefined : decodeIndex(readPart(descriptor, start, found.indexBytes), footer)
}

function readPart(descriptor: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, start + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}
