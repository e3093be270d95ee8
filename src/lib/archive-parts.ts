import {fstatSync, readSync} from 'node:fs'
import {pipeline, Readable, type Transform} from 'node:stream'
import {createGunzip, createZstdDecompress, zstdDecompress} from 'node:zlib'
import {isZstd, type ZstdFrame, zstdFrames} from './zstd-frames.ts'

/** A part of what is in an archive file, unpacked, and how much of the file was read for all parts so far. */
export type ArchivePart = {readonly bytes: Buffer; readonly readBytes: number}

/** The bytes of an archive file cannot be unpacked: damaged, cut, or packed in a way that is not known here. */
export class UnpackError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnpackError'
  }
}

const partBytes = 1024 * 1024
/** A frame of this size is unpacked in one go, while the one before is worked on. */
const maxWholeFrameBytes = 8 * 1024 * 1024

/** The content of a file that is plain, gzip or zstd, told by its first bytes. Parts are valid until the next one. Throws UnpackError. */
export async function* archiveParts(descriptor: number): AsyncGenerator<ArchivePart, void> {
  const {size} = fstatSync(descriptor)
  const readAt = (position: number, length: number) => readPart(descriptor, position, Math.min(length, size - position))
  const head = readAt(0, 8)
  if (isZstd(head)) yield* zstdParts(readAt, size)
  else if (head[0] === 0x1f && head[1] === 0x8b) yield* streamParts(createGunzip({chunkSize: partBytes}), readAt, {start: 0, end: size})
  else {
    const other = otherPacking(head)
    if (other !== undefined) throw new UnpackError(`is packed with ${other}; known are gzip, zstd and none`)
    for (const bytes of fileParts(readAt, {start: 0, end: size})) yield {bytes, readBytes: size}
  }
}

function otherPacking(head: Buffer): string | undefined {
  const text = head.toString('latin1')
  const known = {BZh: 'bzip2', '\xfd7zXZ\0': 'xz', 'PK\x03\x04': 'zip', '\x04"M\x18': 'lz4', '7z\xbc\xaf': '7z', '!<arch>': 'ar'}
  return Object.entries(known).find(([magic]) => text.startsWith(magic))?.[1]
}

type ReadAt = (position: number, length: number) => Buffer
type Range = {readonly start: number; readonly end: number}

async function* zstdParts(readAt: ReadAt, sizeBytes: number): AsyncGenerator<ArchivePart, void> {
  const frames = contentFrames(readAt, sizeBytes)
  let waiting: {readonly frame: ZstdFrame; readonly bytes: Promise<Buffer>} | undefined
  for (;;) {
    const frame = frames.next().value ?? undefined
    const isWhole = frame !== undefined && Math.max(frame.rawBytes ?? Number.POSITIVE_INFINITY, frame.packedBytes) <= maxWholeFrameBytes
    const next = isWhole ? {frame, bytes: unpackFrame(readAt, frame)} : undefined
    next?.bytes.catch(() => {}) // it is awaited in its turn, unless an earlier one fails
    if (waiting !== undefined) yield {bytes: await waiting.bytes, readBytes: waiting.frame.start + waiting.frame.packedBytes}
    if (frame === undefined) return
    waiting = next
    if (!isWhole) {
      const decoder = createZstdDecompress({chunkSize: partBytes, maxOutputLength: Number.MAX_SAFE_INTEGER})
      yield* streamParts(decoder, readAt, {start: frame.start, end: frame.start + frame.packedBytes})
    }
  }
}

function* contentFrames(readAt: ReadAt, sizeBytes: number): Generator<ZstdFrame, void> {
  try {
    for (const frame of zstdFrames(readAt, sizeBytes)) if (!frame.isSkippable) yield frame
  } catch (cause) {
    if (cause instanceof RangeError) throw new UnpackError(`is damaged: ${cause.message}`, {cause})
    throw cause
  }
}

function unpackFrame(readAt: ReadAt, {start, packedBytes, rawBytes = 0}: ZstdFrame): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    zstdDecompress(readAt(start, packedBytes), {chunkSize: Math.max(rawBytes, 64), maxOutputLength: rawBytes + 64}, (error, bytes) =>
      error === null ? resolve(bytes) : reject(new UnpackError(`is damaged: ${error.message}`, {cause: error})),
    ),
  )
}

async function* streamParts(decoder: Transform & {bytesWritten: number}, readAt: ReadAt, range: Range): AsyncGenerator<ArchivePart, void> {
  const unpacked = pipeline(Readable.from(fileParts(readAt, range)), decoder, () => {})
  try {
    for await (const bytes of unpacked) yield {bytes, readBytes: range.start + decoder.bytesWritten}
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && /^(?:Z_|ZSTD_|ERR_)/.test(String(cause.code))) {
      throw new UnpackError(`is damaged: ${cause.message}`, {cause})
    }
    throw cause
  }
}

function* fileParts(readAt: ReadAt, {start, end}: Range): Generator<Buffer, void> {
  for (let at = start; at < end; ) {
    const bytes = readAt(at, Math.min(partBytes, end - at))
    if (bytes.length === 0) return
    at += bytes.length
    yield bytes
  }
}

function readPart(descriptor: number, position: number, length: number): Buffer {
  if (length <= 0) return Buffer.alloc(0)
  const bytes = Buffer.allocUnsafeSlow(length)
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position))
}
