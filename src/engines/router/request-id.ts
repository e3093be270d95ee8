import type {RouterLimits} from '../../model/router-limits.ts'

const idBytes = 16
const poolBytes = 256 * idBytes
const idCharacters = /^[A-Za-z0-9+/=-]+$/

/** Makes request ids (UUID, version 4), 256 at a time: one by one they would cost more than parsing a request. */
export class RequestIds {
  readonly #pool = Buffer.allocUnsafeSlow(poolBytes)
  #digits = ''
  #at = 2 * poolBytes

  next(): string {
    if (this.#at === 2 * poolBytes) this.#fill()
    const digits = this.#digits
    const at = this.#at
    this.#at += 2 * idBytes
    return `${digits.slice(at, at + 8)}-${digits.slice(at + 8, at + 12)}-${digits.slice(at + 12, at + 16)}-${digits.slice(at + 16, at + 20)}-${digits.slice(at + 20, at + 32)}`
  }

  #fill(): void {
    const pool = this.#pool
    // Asked for when it is needed: loading cryptography would delay the first dyno.
    process.getBuiltinModule('node:crypto').randomFillSync(pool)
    for (let i = 0; i < poolBytes; i += idBytes) {
      pool.writeUInt8((pool.readUInt8(i + 6) & 0x0f) | 0x40, i + 6)
      pool.writeUInt8((pool.readUInt8(i + 8) & 0x3f) | 0x80, i + 8)
    }
    this.#digits = pool.toString('hex')
    this.#at = 0
  }
}

/** Whether a client's own X-Request-Id is kept (platform.md b.4.1): 20 to 200 characters of `A-Za-z0-9+/=-`. */
export function isRequestId(id: string, limits: RouterLimits): boolean {
  return id.length >= limits.requestIdMinBytes && id.length <= limits.requestIdMaxBytes && idCharacters.test(id)
}
