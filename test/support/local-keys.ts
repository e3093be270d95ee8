import {createCipheriv, createDecipheriv, randomBytes} from 'node:crypto'
import type {KeyService} from '../../src/engines/pool/config-store.ts'

/** A key service in memory that refuses another context, as KMS does. */
export function localKeys(): KeyService {
  const master = randomBytes(32)
  const additional = (context: Readonly<Record<string, string>>) => Buffer.from(JSON.stringify(Object.entries(context).sort()))
  return {
    async generate(context) {
      const [key, nonce] = [randomBytes(32), randomBytes(12)]
      const cipher = createCipheriv('aes-256-gcm', master, nonce)
      cipher.setAAD(additional(context))
      const sealed = Buffer.concat([cipher.update(key), cipher.final()])
      return {key, sealed: Buffer.concat([nonce, cipher.getAuthTag(), sealed])}
    },
    async open(sealed, context) {
      const decipher = createDecipheriv('aes-256-gcm', master, sealed.subarray(0, 12))
      decipher.setAAD(additional(context))
      decipher.setAuthTag(sealed.subarray(12, 28))
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()])
    },
  }
}
