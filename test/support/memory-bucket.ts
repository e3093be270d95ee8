import {createHash} from 'node:crypto'
import {readFile, writeFile} from 'node:fs/promises'
import type {Bucket, BucketObject} from '../../src/lib/bucket.ts'

/** A bucket in memory; passes test/support/bucket-conformance.ts as S3 does. `onWrite` may throw, as a network does. */
export class MemoryBucket implements Bucket {
  readonly objects = new Map<string, BucketObject>()
  bytesWritten = 0
  onWrite: (key: string) => void = () => {}
  #version = 0

  async get(key: string): Promise<BucketObject | undefined> {
    return this.objects.get(key)
  }

  async has(key: string): Promise<boolean> {
    return this.objects.has(key)
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    this.onWrite(key)
    if (this.objects.has(key)) return false
    this.#write(key, bytes)
    return true
  }

  async replace(key: string, bytes: Uint8Array, tag: string): Promise<boolean> {
    this.onWrite(key)
    if (this.objects.get(key)?.tag !== tag) return false
    this.#write(key, bytes)
    return true
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.objects.keys()].filter(key => key.startsWith(prefix)).sort()
  }

  async createFromFile(key: string, file: string): Promise<boolean> {
    return await this.create(key, await readFile(file))
  }

  async getToFile(key: string, file: string): Promise<boolean> {
    const found = this.objects.get(key)
    if (found === undefined) return false
    await writeFile(file, found.bytes)
    return true
  }

  #write(key: string, bytes: Uint8Array): void {
    this.bytesWritten += bytes.length
    this.objects.set(key, {bytes: Buffer.from(bytes), tag: `${createHash('md5').update(bytes).digest('hex')}-${this.#version++}`})
  }
}
