import {createHash} from 'node:crypto'
import {createReadStream, createWriteStream} from 'node:fs'
import {open, stat} from 'node:fs/promises'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import type {S3Client} from '@aws-sdk/client-s3'
import type {Bucket, BucketObject} from '../../../lib/bucket.ts'
import {atAws} from './aws-error.ts'

type Fault = {readonly name?: string; readonly $metadata?: {readonly httpStatusCode?: number}}

/** Parts of a large file; fewer than 10,000 of them hold any slug. */
const partBytes = 8 * 1024 * 1024

export type S3BucketOptions = {readonly client: S3Client; readonly bucket: string; readonly owner?: string; readonly partBytes?: number}

/** A bucket of S3: writes are bound by If-None-Match and If-Match and carry a SHA-256. */
export class S3Bucket implements Bucket {
  readonly #client: S3Client
  readonly #where: {Bucket: string; ExpectedBucketOwner?: string}
  readonly #partBytes: number

  constructor({client, bucket, owner, partBytes: bytes = partBytes}: S3BucketOptions) {
    this.#client = client
    this.#where = {Bucket: bucket, ...(owner === undefined ? {} : {ExpectedBucketOwner: owner})}
    this.#partBytes = bytes
  }

  async get(key: string): Promise<BucketObject | undefined> {
    const {GetObjectCommand} = await import('@aws-sdk/client-s3')
    return await unlessMissing(`read ${key}`, async () => {
      const {Body, ETag = ''} = await this.#client.send(new GetObjectCommand({...this.#where, Key: key}))
      return {bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), tag: ETag}
    })
  }

  async has(key: string): Promise<boolean> {
    const {HeadObjectCommand} = await import('@aws-sdk/client-s3')
    const found = await unlessMissing(`look for ${key}`, () => this.#client.send(new HeadObjectCommand({...this.#where, Key: key})))
    return found !== undefined
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    return await this.#put(key, bytes, {IfNoneMatch: '*'})
  }

  async replace(key: string, bytes: Uint8Array, tag: string): Promise<boolean> {
    return await this.#put(key, bytes, {IfMatch: tag})
  }

  async list(prefix: string): Promise<readonly string[]> {
    const {ListObjectsV2Command} = await import('@aws-sdk/client-s3')
    const keys: string[] = []
    for (let token: string | undefined, isFirst = true; isFirst || token !== undefined; isFirst = false) {
      const page = await atAws(`list ${prefix}`, () =>
        this.#client.send(
          new ListObjectsV2Command({...this.#where, Prefix: prefix, ...(token === undefined ? {} : {ContinuationToken: token})}),
        ),
      )
      keys.push(...(page.Contents ?? []).flatMap(object => object.Key ?? []))
      token = page.NextContinuationToken
    }
    return keys
  }

  async createFromFile(key: string, file: string): Promise<boolean> {
    const {size} = await stat(file)
    if (await this.has(key)) return false
    if (size > this.#partBytes) return await this.#putInParts(key, file, size)
    const chunks: Buffer[] = []
    for await (const chunk of createReadStream(file)) chunks.push(chunk as Buffer)
    return await this.create(key, Buffer.concat(chunks))
  }

  async getToFile(key: string, file: string): Promise<boolean> {
    const {GetObjectCommand} = await import('@aws-sdk/client-s3')
    const body = await unlessMissing(
      `read ${key}`,
      async () => (await this.#client.send(new GetObjectCommand({...this.#where, Key: key}))).Body,
    )
    if (body === undefined) return false
    await atAws(`read ${key}`, () => pipeline(body instanceof Readable ? body : Readable.from([]), createWriteStream(file, {mode: 0o600})))
    return true
  }

  async #put(key: string, bytes: Uint8Array, condition: {readonly IfNoneMatch?: string; readonly IfMatch?: string}): Promise<boolean> {
    const {PutObjectCommand} = await import('@aws-sdk/client-s3')
    const checksum = createHash('sha256').update(bytes).digest('base64')
    return await unlessTaken(`write ${key}`, () =>
      this.#client.send(new PutObjectCommand({...this.#where, Key: key, Body: bytes, ChecksumSHA256: checksum, ...condition})),
    )
  }

  /** Goes on with an upload of the same file that was broken off: parts that are there with the right content are not sent again. */
  async #putInParts(key: string, file: string, size: number): Promise<boolean> {
    const {CompleteMultipartUploadCommand, UploadPartCommand} = await import('@aws-sdk/client-s3')
    const {id, parts} = await this.#openUpload(key)
    const done: {PartNumber: number; ETag: string | undefined; ChecksumSHA256: string}[] = []
    const handle = await open(file)
    try {
      for (let number = 1; (number - 1) * this.#partBytes < size; number++) {
        const bytes = Buffer.alloc(Math.min(this.#partBytes, size - (number - 1) * this.#partBytes))
        await handle.read(bytes, 0, bytes.length, (number - 1) * this.#partBytes)
        const checksum = createHash('sha256').update(bytes).digest('base64')
        const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
        const known = parts.get(number)
        const part = {...this.#where, Key: key, UploadId: id, PartNumber: number, Body: bytes, ChecksumSHA256: checksum}
        const tag = known === etag ? known : (await atAws(`write ${key}`, () => this.#client.send(new UploadPartCommand(part)))).ETag
        done.push({PartNumber: number, ETag: tag, ChecksumSHA256: checksum})
      }
    } finally {
      await handle.close()
    }
    const complete = {...this.#where, Key: key, UploadId: id, MultipartUpload: {Parts: done}, IfNoneMatch: '*'}
    return await unlessTaken(`write ${key}`, () => this.#client.send(new CompleteMultipartUploadCommand(complete)))
  }

  async #openUpload(key: string): Promise<{readonly id: string | undefined; readonly parts: ReadonlyMap<number, string>}> {
    const {CreateMultipartUploadCommand, ListMultipartUploadsCommand, ListPartsCommand} = await import('@aws-sdk/client-s3')
    return await atAws(`write ${key}`, async () => {
      const {Uploads = []} = await this.#client.send(new ListMultipartUploadsCommand({...this.#where, Prefix: key}))
      const found = Uploads.find(upload => upload.Key === key)
      if (found?.UploadId === undefined) {
        const made = await this.#client.send(new CreateMultipartUploadCommand({...this.#where, Key: key, ChecksumAlgorithm: 'SHA256'}))
        return {id: made.UploadId, parts: new Map()}
      }
      const {Parts = []} = await this.#client.send(new ListPartsCommand({...this.#where, Key: key, UploadId: found.UploadId}))
      const parts = Parts.flatMap(({PartNumber, ETag}) =>
        PartNumber === undefined || ETag === undefined ? [] : [[PartNumber, ETag] as const],
      )
      return {id: found.UploadId, parts: new Map(parts)}
    })
  }
}

async function unlessMissing<T>(doing: string, action: () => Promise<T>): Promise<T | undefined> {
  return await atAws(doing, () => action().catch(missingAsUndefined))
}

function missingAsUndefined(error: unknown): undefined {
  const {name, $metadata} = error as Fault
  if (name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404)) return undefined
  throw error
}

/** False when a condition did not hold: 412, or 409 when another write to the key was under way. */
async function unlessTaken(doing: string, action: () => Promise<unknown>): Promise<boolean> {
  return await atAws(doing, async () => {
    try {
      await action()
      return true
    } catch (error) {
      const {name, $metadata} = error as Fault
      const isTaken =
        $metadata?.httpStatusCode === 412 || name === 'PreconditionFailed' || name === 'ConditionalRequestConflict' || name === 'NoSuchKey'
      if (isTaken) return false
      throw error
    }
  })
}
