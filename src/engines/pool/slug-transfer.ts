import {createHash, randomBytes} from 'node:crypto'
import {createReadStream, createWriteStream} from 'node:fs'
import {open, rename, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {constants, createZstdCompress, createZstdDecompress, zstdCompressSync, zstdDecompressSync} from 'node:zlib'
import type {Bucket} from '../../lib/bucket.ts'
import {chunksOf, type DeltaPart, decodeChunks, encodeChunks, planDelta} from './slug-delta.ts'

/**
 * How a slug lies in the bucket, as `slugs/<hex>/slug.json`, written last: whole (`tar.zst`), or as what differs from one that lies
 * there whole (`delta.zst`). A delta of a delta is never made, so a new host fetches two objects at most.
 */
type SlugObject =
  | {readonly kind: 'whole'; readonly sizeBytes: number}
  | {readonly kind: 'delta'; readonly base: string; readonly sizeBytes: number}

/** A delta is made when at least so much of the slug is there already. */
const worthwhile = 0.5
const level = 9
const zstdParams = {[constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1}

export type UploadOptions = {
  readonly bucket: Bucket
  /** Slugs that hosts may have already, best first. */
  readonly bases: readonly string[]
  /** For files that are made on the way. */
  readonly folder: string
}

/** The bucket has this slug, whole or as a delta. */
export async function isSlugUploaded(bucket: Bucket, slug: string): Promise<boolean> {
  return await bucket.has(slugKey(slug, 'slug.json'))
}

/** Puts the canonical tar of a slug into the bucket, once; resolves with the bytes that were sent. May be broken off and done again. */
export async function uploadSlug(slug: string, tar: string, {bucket, bases, folder}: UploadOptions): Promise<number> {
  if (await isSlugUploaded(bucket, slug)) return 0
  const chunks = await chunksOf(tar)
  const {size} = await stat(tar)
  const base = await findBase(
    bucket,
    bases.filter(id => id !== slug),
  )
  const delta = base === undefined ? undefined : planDelta(base.chunks, chunks)
  if (base !== undefined && delta !== undefined && size - delta.newBytes >= worthwhile * size) {
    const bytes = await packDelta(tar, delta.parts)
    await bucket.create(slugKey(slug, 'delta.zst'), bytes)
    return bytes.length + (await publish(bucket, slug, {kind: 'delta', base: base.id, sizeBytes: size}))
  }
  const packed = join(folder, `${randomBytes(8).toString('hex')}.tar.zst`)
  try {
    await pipeline(createReadStream(tar), createZstdCompress({params: zstdParams}), createWriteStream(packed, {mode: 0o600}))
    await bucket.createFromFile(slugKey(slug, 'tar.zst'), packed)
    const sums = zstdCompressSync(encodeChunks(chunks))
    await bucket.create(slugKey(slug, 'chunks.zst'), sums)
    return (await stat(packed)).size + sums.length + (await publish(bucket, slug, {kind: 'whole', sizeBytes: size}))
  } finally {
    await rm(packed, {force: true})
  }
}

async function publish(bucket: Bucket, slug: string, object: SlugObject): Promise<number> {
  const bytes = Buffer.from(JSON.stringify(object))
  await bucket.create(slugKey(slug, 'slug.json'), bytes)
  return bytes.length
}

/** A slug that lies whole in the bucket and is, or is the base of, one of `candidates`. */
async function findBase(bucket: Bucket, candidates: readonly string[]) {
  for (const candidate of candidates) {
    const object = await readObject(bucket, candidate)
    if (object === undefined) continue
    const id = object.kind === 'whole' ? candidate : object.base
    const sums = await bucket.get(slugKey(id, 'chunks.zst'))
    if (sums !== undefined) return {id, chunks: decodeChunks(zstdDecompressSync(sums.bytes))}
  }
  return undefined
}

async function packDelta(tar: string, parts: readonly DeltaPart[]): Promise<Buffer> {
  const plan = Buffer.from(JSON.stringify(parts.map(({from, lengthBytes}) => [from ?? -1, lengthBytes])))
  const head = Buffer.alloc(4)
  head.writeUInt32BE(plan.length)
  const pieces = [head, plan]
  const file = await open(tar)
  try {
    let at = 0
    for (const {from, lengthBytes} of parts) {
      if (from === undefined) {
        const piece = Buffer.alloc(lengthBytes)
        await file.read(piece, 0, lengthBytes, at)
        pieces.push(piece)
      }
      at += lengthBytes
    }
  } finally {
    await file.close()
  }
  return zstdCompressSync(Buffer.concat(pieces), {params: zstdParams})
}

export type FetchOptions = {
  readonly bucket: Bucket
  /** Where tars lie, by the digits of their slugs; those that are bases stay for the next delta. */
  readonly folder: string
}

/**
 * Brings a slug's canonical tar from the bucket and checks that it is the slug: rejects with SlugMismatchError when not a single bit
 * may be trusted, and with an Error when it is not there. Resolves with the path of the tar.
 */
export async function fetchSlug(slug: string, {bucket, folder}: FetchOptions): Promise<string> {
  const path = join(folder, `${hexOf(slug)}.tar`)
  if ((await stat(path).catch(() => undefined)) !== undefined) return path
  const object = await readObject(bucket, slug)
  if (object === undefined) throw new Error(`The slug ${slug} is not in the bucket.`)
  const parts =
    object.kind === 'whole'
      ? await fetchWhole(slug, bucket, folder)
      : await fetchDelta(slug, await fetchSlug(object.base, {bucket, folder}), {bucket})
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const hash = createHash('sha256')
  try {
    await pipeline(
      parts,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const bytes of source) {
          hash.update(bytes)
          yield bytes
        }
      },
      createWriteStream(draft, {mode: 0o600}),
    )
    const actual = `sha256:${hash.digest('hex')}`
    if (actual !== slug) throw new SlugMismatchError(slug, actual)
    await rename(draft, path)
  } finally {
    await rm(draft, {force: true})
  }
  return path
}

/** What came from the bucket is another slug than its name says. */
export class SlugMismatchError extends Error {
  constructor(expected: string, actual: string) {
    super(`What the bucket has as slug ${expected} is ${actual}: it was damaged or changed, and is not used.`)
  }
}

async function fetchWhole(slug: string, bucket: Bucket, folder: string): Promise<Readable> {
  const packed = join(folder, `${hexOf(slug)}.${randomBytes(6).toString('hex')}.zst`)
  if (!(await bucket.getToFile(slugKey(slug, 'tar.zst'), packed))) throw new Error(`The slug ${slug} is not in the bucket.`)
  const unpacked = createReadStream(packed).pipe(createZstdDecompress())
  unpacked.on('close', () => void rm(packed, {force: true}))
  return unpacked
}

async function fetchDelta(slug: string, base: string, {bucket}: {readonly bucket: Bucket}): Promise<Readable> {
  const found = await bucket.get(slugKey(slug, 'delta.zst'))
  if (found === undefined) throw new Error(`The slug ${slug} is not in the bucket.`)
  const bytes = zstdDecompressSync(found.bytes)
  const planBytes = bytes.readUInt32BE(0)
  const plan = JSON.parse(bytes.toString('utf8', 4, 4 + planBytes)) as readonly (readonly [from: number, lengthBytes: number])[]
  return Readable.from(applyDelta(base, plan, bytes.subarray(4 + planBytes)))
}

async function* applyDelta(base: string, plan: readonly (readonly [number, number])[], literal: Buffer): AsyncGenerator<Buffer> {
  let at = 0
  for (const [from, lengthBytes] of plan) {
    if (from < 0) {
      yield literal.subarray(at, at + lengthBytes)
      at += lengthBytes
    } else if (lengthBytes > 0) yield* createReadStream(base, {start: from, end: from + lengthBytes - 1, highWaterMark: 1024 * 1024})
  }
}

/** The slug that another is a delta of; undefined when it lies whole in the bucket, or not at all. */
export async function readSlugBase(bucket: Bucket, slug: string): Promise<string | undefined> {
  const object = await readObject(bucket, slug)
  return object?.kind === 'delta' ? object.base : undefined
}

async function readObject(bucket: Bucket, slug: string): Promise<SlugObject | undefined> {
  const found = await bucket.get(slugKey(slug, 'slug.json'))
  return found === undefined ? undefined : (JSON.parse(found.bytes.toString()) as SlugObject)
}

function slugKey(slug: string, name: string): string {
  return `slugs/${hexOf(slug)}/${name}`
}

function hexOf(slug: string): string {
  return slug.replace(/^sha256:/, '')
}
