import {createHash} from 'node:crypto'
import {zstdCompressSync, zstdDecompressSync} from 'node:zlib'
import type {ObjectId} from './tree-object.ts'

/**
 * A pack holds the objects that one build brought. Its frames, each packed by itself, together give a stream of bytes in which
 * every object is a range; the index behind them says which. A pack that holds a whole slug begins with that slug's canonical
 * tar: then its first frames are, byte for byte, the slug's archive, and files are ranges of the tar.
 */
export type PackIndex = {
  readonly frames: readonly PackFrame[]
  readonly objects: readonly PackedObject[]
  /** The slug whose canonical tar the first `frames` frames are. */
  readonly archive?: {readonly slug: string; readonly frames: number}
}

export type PackFrame = {readonly packedBytes: number; readonly rawBytes: number}

export type PackedObject = {
  readonly id: ObjectId
  /** Range in the stream of the pack. */
  readonly offset: number
  readonly length: number
  /** What `encodeFacts` says about a program or library; 0 for all else. */
  readonly facts: number
  /** The range is a difference to this object; `depth` is how many differences lie one on the other. */
  readonly base?: ObjectId
  readonly depth: number
}

/** What a pack begins and ends with. */
export const packMagic = 'HPSLUG1\n'
export const footerBytes = 48

const digestBytes = 32

/** The end of a pack: the index, packed, and a footer that says where it is and what it must be. */
export function encodeIndex(index: PackIndex): Buffer {
  const raw = encodeRaw(index)
  const packed = zstdCompressSync(raw)
  const footer = Buffer.alloc(footerBytes)
  footer.writeUInt32LE(packed.length, 0)
  footer.writeUInt32LE(raw.length, 4)
  footer.write(endDigest(packed, footer), 8, 'latin1')
  footer.write(packMagic, 40, 'latin1')
  return Buffer.concat([packed, footer])
}

/** How long the packed index is, by the last bytes of a file; undefined when they are not the end of a pack. */
export function readFooter(footer: Buffer): {readonly indexBytes: number} | undefined {
  if (footer.length !== footerBytes || footer.toString('latin1', 40) !== packMagic) return undefined
  return {indexBytes: footer.readUInt32LE(0)}
}

/** Reads the index of a pack; undefined when it is damaged. */
export function decodeIndex(packed: Buffer, footer: Buffer): PackIndex | undefined {
  if (endDigest(packed, footer) !== footer.toString('latin1', 8, 8 + digestBytes)) return undefined
  return decodeRaw(zstdDecompressSync(packed, {maxOutputLength: footer.readUInt32LE(4)}))
}

/** Of the index and of the two lengths at the beginning of the footer. */
function endDigest(packed: Buffer, footer: Buffer): string {
  return createHash('sha256').update(packed).update(footer.subarray(0, 8)).digest('binary')
}

/** Columns, since like things beside each other pack better. */
function encodeRaw({frames, objects, archive}: PackIndex): Buffer {
  const bases = objects.filter(({base}) => base !== undefined)
  const head = Buffer.alloc(16 + digestBytes)
  head.writeUInt32LE(frames.length, 0)
  head.writeUInt32LE(objects.length, 4)
  head.writeUInt32LE(bases.length, 8)
  head.writeUInt32LE(archive?.frames ?? 0, 12)
  if (archive !== undefined) head.write(archive.slug, 16, 'hex')
  const frameTable = Buffer.alloc(frames.length * 8)
  for (const [row, {packedBytes, rawBytes}] of frames.entries()) {
    frameTable.writeUInt32LE(packedBytes, row * 8)
    frameTable.writeUInt32LE(rawBytes, row * 8 + 4)
  }
  const columns = Buffer.alloc(objects.length * columnBytes)
  const at = columnStarts(objects.length)
  for (const [row, {offset, length, facts, depth}] of objects.entries()) {
    columns.writeUIntLE(offset, at.offset + row * 6, 6)
    columns.writeUIntLE(length, at.length + row * 6, 6)
    columns.writeUInt16LE(facts, at.facts + row * 2)
    columns.writeUInt8(depth, at.depth + row)
  }
  const ids = Buffer.from(objects.map(({id}) => id).join(''), 'latin1')
  return Buffer.concat([head, frameTable, columns, ids, Buffer.from(bases.map(({base}) => base).join(''), 'latin1')])
}

const columnBytes = 6 + 6 + 2 + 1

function columnStarts(rows: number) {
  return {offset: 0, length: rows * 6, facts: rows * 12, depth: rows * 14}
}

function decodeRaw(raw: Buffer): PackIndex {
  const [frameCount, objectCount, archiveFrames] = [raw.readUInt32LE(0), raw.readUInt32LE(4), raw.readUInt32LE(12)]
  const framesAt = 16 + digestBytes
  const frames = Array.from({length: frameCount}, (_, row) => ({
    packedBytes: raw.readUInt32LE(framesAt + row * 8),
    rawBytes: raw.readUInt32LE(framesAt + row * 8 + 4),
  }))
  const columns = raw.subarray(framesAt + frameCount * 8)
  const at = columnStarts(objectCount)
  const ids = columns.toString('latin1', objectCount * columnBytes)
  let nextBase = objectCount * digestBytes
  const objects = Array.from({length: objectCount}, (_, row): PackedObject => {
    const depth = columns.readUInt8(at.depth + row)
    if (depth > 0) nextBase += digestBytes
    return {
      id: ids.slice(row * digestBytes, (row + 1) * digestBytes),
      offset: columns.readUIntLE(at.offset + row * 6, 6),
      length: columns.readUIntLE(at.length + row * 6, 6),
      facts: columns.readUInt16LE(at.facts + row * 2),
      depth,
      ...(depth === 0 ? {} : {base: ids.slice(nextBase - digestBytes, nextBase)}),
    }
  })
  const archive = archiveFrames === 0 ? {} : {archive: {slug: raw.toString('hex', 16, framesAt), frames: archiveFrames}}
  return {frames, objects, ...archive}
}
