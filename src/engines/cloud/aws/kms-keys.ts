import type {KMSClient} from '@aws-sdk/client-kms'
import {atAws} from './aws-error.ts'

type Context = Readonly<Record<string, string>>

/** Keys for data from KMS, bound to a context (the app's name); the pool's own key never leaves KMS. */
export class KmsKeys {
  readonly #client: KMSClient
  readonly #keyId: string

  constructor(client: KMSClient, keyId: string) {
    this.#client = client
    this.#keyId = keyId
  }

  async generate(context: Context): Promise<{readonly key: Buffer; readonly sealed: Buffer}> {
    const {GenerateDataKeyCommand} = await import('@aws-sdk/client-kms')
    const made = await atAws('make a key for config vars', () =>
      this.#client.send(new GenerateDataKeyCommand({KeyId: this.#keyId, KeySpec: 'AES_256', EncryptionContext: {...context}})),
    )
    return {key: Buffer.from(made.Plaintext ?? []), sealed: Buffer.from(made.CiphertextBlob ?? [])}
  }

  async open(sealed: Buffer, context: Context): Promise<Buffer> {
    const {DecryptCommand} = await import('@aws-sdk/client-kms')
    const opened = await atAws('read config vars', () =>
      this.#client.send(new DecryptCommand({KeyId: this.#keyId, CiphertextBlob: sealed, EncryptionContext: {...context}})),
    )
    return Buffer.from(opened.Plaintext ?? [])
  }
}
