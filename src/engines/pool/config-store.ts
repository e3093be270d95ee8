import {createCipheriv, createDecipheriv, createHash, randomBytes} from 'node:crypto'
import type {Bucket} from '../../lib/bucket.ts'

/** Makes and opens keys for data, bound to a context that must be the same both times; KMS is one. */
export type KeyService = {
  generate(context: Readonly<Record<string, string>>): Promise<{readonly key: Buffer; readonly sealed: Buffer}>
  open(sealed: Buffer, context: Readonly<Record<string, string>>): Promise<Buffer>
}

export type ConfigStoreOptions = {readonly bucket: Bucket; readonly keys: KeyService; readonly pool: string; readonly app: string}

type Sealed = {readonly version: 1; readonly key: string; readonly nonce: string; readonly tag: string; readonly data: string}
type Plain = {readonly salt: string; readonly values: readonly (readonly [string, string])[]}

/**
 * Config vars of an app in the bucket of its pool, each set under its hash and never changed, encrypted with a key of its own that
 * the pool's key service sealed under the app's name. The hash is salted: it says nothing of the values.
 */
export class ConfigStore {
  readonly #options: ConfigStoreOptions

  constructor(options: ConfigStoreOptions) {
    this.#options = options
  }

  /** Resolves with the hash that names them from now on. */
  async write(values: ReadonlyMap<string, string>): Promise<string> {
    const plain: Plain = {salt: randomBytes(16).toString('hex'), values: [...values].sort(([one], [other]) => (one < other ? -1 : 1))}
    const text = Buffer.from(JSON.stringify(plain))
    const hash = createHash('sha256').update(text).digest('hex')
    const {key, sealed} = await this.#options.keys.generate(this.#context)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const data = Buffer.concat([cipher.update(text), cipher.final()])
    key.fill(0)
    const object: Sealed = {
      version: 1,
      key: sealed.toString('base64'),
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    }
    await this.#options.bucket.create(this.#key(hash), Buffer.from(JSON.stringify(object)))
    return hash
  }

  /** Throws when it is not there, was changed, or belongs to another app. */
  async read(hash: string): Promise<ReadonlyMap<string, string>> {
    const found = await this.#options.bucket.get(this.#key(hash))
    if (found === undefined) throw new Error(`The config vars ${hash} of ${this.#options.app} are not in the bucket`)
    const object = JSON.parse(found.bytes.toString()) as Sealed
    const bytes = (name: 'key' | 'nonce' | 'tag' | 'data') => Buffer.from(object[name], 'base64')
    const key = await this.#options.keys.open(bytes('key'), this.#context)
    const decipher = createDecipheriv('aes-256-gcm', key, bytes('nonce'))
    decipher.setAuthTag(bytes('tag'))
    const text = Buffer.concat([decipher.update(bytes('data')), decipher.final()])
    key.fill(0)
    if (createHash('sha256').update(text).digest('hex') !== hash)
      throw new Error(`The config vars ${hash} of ${this.#options.app} are others than their name says`)
    return new Map((JSON.parse(text.toString()) as Plain).values)
  }

  get #context(): Readonly<Record<string, string>> {
    return {'homeport:pool': this.#options.pool, 'homeport:app': this.#options.app}
  }

  #key(hash: string): string {
    return `config/${this.#options.app}/${hash}`
  }
}
