import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {ContentChunker} from '../../lib/content-chunks.ts'

/** A chunk of a slug's tar: how long, and the first 16 bytes of its SHA-256. */
export type Chunk = {readonly lengthBytes: number; readonly digest: string}

/** Part of a tar: bytes of the base from `from` on, or, without it, the next bytes of the delta itself. */
export type DeltaPart = {readonly from?: number; readonly lengthBytes: number}

const recordBytes = 20
const digestBytes = 16

/** The chunks of a file, in order. */
export async function chunksOf(file: string): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = []
  const chunker = new ContentChunker(bytes => {
    const digest = createHash('sha256').update(bytes).digest().subarray(0, digestBytes).toString('latin1')
    chunks.push({lengthBytes: bytes.length, digest})
  })
  for await (const bytes of createReadStream(file, {highWaterMark: 1024 * 1024})) chunker.write(bytes as Buffer)
  chunker.end()
  return chunks
}

export function encodeChunks(chunks: readonly Chunk[]): Buffer {
  const bytes = Buffer.alloc(chunks.length * recordBytes)
  chunks.forEach(({lengthBytes, digest}, index) => {
    bytes.writeUInt32BE(lengthBytes, index * recordBytes)
    bytes.write(digest, index * recordBytes + 4, 'latin1')
  })
  return bytes
}

export function decodeChunks(bytes: Buffer): readonly Chunk[] {
  return [...Array(Math.floor(bytes.length / recordBytes)).keys()].map(index => ({
    lengthBytes: bytes.readUInt32BE(index * recordBytes),
    digest: bytes.toString('latin1', index * recordBytes + 4, (index + 1) * recordBytes),
  }))
}

/** How to make a tar of `chunks` from a base; neighbours are put together. `newBytes` is what the base does not have. */
export function planDelta(
  base: readonly Chunk[],
  chunks: readonly Chunk[],
): {readonly parts: readonly DeltaPart[]; readonly newBytes: number} {
  const known = new Map<string, number>()
  let at = 0
  for (const {digest, lengthBytes} of base) {
    if (!known.has(digest)) known.set(digest, at)
    at += lengthBytes
  }
  const parts: {from?: number; lengthBytes: number}[] = []
  let newBytes = 0
  for (const {digest, lengthBytes} of chunks) {
    const from = known.get(digest)
    if (from === undefined) newBytes += lengthBytes
    const last = parts.at(-1)
    const isNext =
      last !== undefined &&
      (from === undefined ? last.from === undefined : last.from !== undefined && last.from + last.lengthBytes === from)
    if (isNext) last.lengthBytes += lengthBytes
    else parts.push(from === undefined ? {lengthBytes} : {from, lengthBytes})
  }
  return {parts, newBytes}
}
