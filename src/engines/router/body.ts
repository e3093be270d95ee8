import type {RouterLimits} from '../../model/router-limits.ts'
import {BODY_MORE, ChunkScanner} from './chunk-scanner.ts'
import {CHUNKED, type Framing, LENGTH, UNTIL_CLOSE} from './request-head.ts'

/** Where a body that travels through ends, in either direction: it counts a length, or follows the chunks. */
export class Body {
  readonly framing: Framing
  readonly #scanner: ChunkScanner | undefined
  /** Bytes of payload that went through. */
  payloadBytes = 0
  #left: number

  constructor(framing: Framing, length: number, limits: RouterLimits) {
    this.framing = framing
    this.#left = length
    this.#scanner = framing === CHUNKED ? new ChunkScanner(limits) : undefined
  }

  /** How much of `bytes` belongs to the body, when it ends there; else BODY_MORE (all of it) or BODY_BAD. */
  follow(bytes: Uint8Array, take?: (from: number, to: number) => void): number {
    if (this.#scanner !== undefined) {
      const end = this.#scanner.scan(bytes, 0, bytes.length, take)
      this.payloadBytes = this.#scanner.payloadBytes
      return end
    }
    if (this.framing === LENGTH && bytes.length >= this.#left) {
      const end = this.#left
      this.payloadBytes += end
      this.#left = 0
      return end
    }
    if (this.framing === LENGTH) this.#left -= bytes.length
    else if (this.framing !== UNTIL_CLOSE) return 0
    this.payloadBytes += bytes.length
    return BODY_MORE
  }

  /** After BODY_BAD: how much of those bytes was still well framed. */
  get goodBytes(): number {
    return this.#scanner?.goodUntil ?? 0
  }
}
