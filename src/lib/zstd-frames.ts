/** A frame of a .zst file: where it lies, and how many bytes it holds where it says so. */
export type ZstdFrame = {
  readonly start: number
  readonly packedBytes: number
  readonly rawBytes: number | undefined
  readonly isSkippable: boolean
}

/** Reads up to `length` bytes of the file at a place. */
type ReadAt = (position: number, length: number) => Buffer

const magic = 0xfd2fb528
const skippableMagic = 0x184d2a50
const maxHeaderBytes = 18

/** Whether a file begins as .zst files do. */
export function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false
  const word = head.readUInt32LE(0)
  return word === magic || isSkippable(word)
}

/**
 * The frames of a .zst file of `sizeBytes`, found without unpacking. A file may have many (ours do), and Node's stream stops
 * after the first. Throws RangeError where the file is no such thing, or cut.
 */
export function* zstdFrames(readAt: ReadAt, sizeBytes: number): Generator<ZstdFrame, void> {
  for (let start = 0; start < sizeBytes; ) {
    const frame = readFrame(readAt, start)
    if (start + frame.packedBytes > sizeBytes) throw cut()
    yield frame
    start += frame.packedBytes
  }
}

function readFrame(readAt: ReadAt, start: number): ZstdFrame {
  const head = readAt(start, maxHeaderBytes)
  if (head.length < 8) throw cut()
  const word = head.readUInt32LE(0)
  if (isSkippable(word)) return {start, packedBytes: 8 + head.readUInt32LE(4), rawBytes: 0, isSkippable: true}
  if (word !== magic) throw new RangeError('no zstd frame')
  const descriptor = head[4] ?? 0
  const isSingle = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  const sizeLength = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag
  const sizeAt = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0)
  const hasChecksum = (descriptor & 4) !== 0
  const end = endOfBlocks(readAt, start + sizeAt + sizeLength) + (hasChecksum ? 4 : 0)
  return {start, packedBytes: end - start, rawBytes: contentSize(head, sizeAt, sizeLength), isSkippable: false}
}

/** Each block says how long it is, and whether it is the last. */
function endOfBlocks(readAt: ReadAt, start: number): number {
  for (let at = start; ; ) {
    const head = readAt(at, 3)
    if (head.length < 3) throw cut()
    const word = head.readUIntLE(0, 3)
    const kind = (word >> 1) & 3
    // A run of one byte is stored as that byte.
    at += 3 + (kind === 1 ? 1 : word >> 3)
    if ((word & 1) === 1) return at
  }
}

function contentSize(head: Buffer, at: number, length: number): number | undefined {
  if (length === 0 || at + length > head.length) return undefined
  const value = length === 8 ? Number(head.readBigUInt64LE(at)) : head.readUIntLE(at, length)
  return length === 2 ? value + 256 : value
}

function isSkippable(word: number): boolean {
  return (word & 0xfffffff0) >>> 0 === skippableMagic
}

function cut(): RangeError {
  return new RangeError('ends too early')
}
