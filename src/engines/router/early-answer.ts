import type {RouterLimits} from '../../model/router-limits.ts'
import {Body} from './body.ts'
import {DONE, MORE} from './bytes.ts'
import {BODY_MORE} from './chunk-scanner.ts'
import {headText} from './head-text.ts'
import {ResponseHead, readResponseHead} from './response-head.ts'

/**
 * An answer that begins while its request is still coming in (platform.md b.4.4). It waits in the look-ahead of 64 KB, so that a
 * request that turns out bad can still be told so; it waits no longer than until it is complete, the request is, or time is up.
 */
export class EarlyAnswer {
  readonly #limits: RouterLimits
  #bytes: Buffer = Buffer.alloc(0)

  constructor(limits: RouterLimits) {
    this.#limits = limits
  }

  /** Takes more of it; true when there is no use in waiting any more. */
  add(bytes: Buffer): boolean {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    if (this.#bytes.length >= this.#limits.lookAheadBytes) return true
    const head = new ResponseHead(this.#limits)
    const result = readResponseHead(this.#bytes, headText(this.#bytes), head)
    if (result !== DONE) return result !== MORE
    if (head.status < 200) return true
    return new Body(head.framing, head.length, this.#limits).follow(this.#bytes.subarray(head.at)) !== BODY_MORE
  }

  take(): Buffer {
    return this.#bytes
  }
}
