import type {Socket} from 'node:net'
import type {RouterLimits} from '../../model/router-limits.ts'
import {Body} from './body.ts'
import {BODY_BAD, BODY_MORE} from './chunk-scanner.ts'
import {NO_BODY, type RequestHead} from './request-head.ts'
import {textBytes} from './send.ts'

/** More than one read of the client's: Node asks to wait after every one, even when it is out already, and a stop costs more than a read. */
export const fullBytes = 131_072

/** The body of a request on its way to a dyno. What comes before there is one waits here, up to the platform's look-ahead of 64 KB. */
export class Upload {
  /** All of it came from the client. */
  isRead: boolean
  /** The client sent something that is no chunk. */
  isBad = false
  readonly #body: Body | undefined
  readonly #lookAheadBytes: number
  #socket: Socket | undefined
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(head: RequestHead, limits: RouterLimits) {
    const isEmpty = head.framing === NO_BODY || (head.length === 0 && !head.hasCoding)
    this.#body = isEmpty ? undefined : new Body(head.framing, head.length, limits)
    this.isRead = isEmpty
    this.#lookAheadBytes = limits.lookAheadBytes
  }

  /** Whether the client should stop sending for now. */
  get isFull(): boolean {
    return this.#socket === undefined ? this.#heldBytes >= this.#lookAheadBytes : this.#socket.writableLength >= fullBytes
  }

  /** Takes bytes of the client's; tells how many belong to this body. Of a bad chunk nothing goes on. */
  take(bytes: Buffer): number {
    if (this.#body === undefined || this.isRead) return 0
    const end = this.#body.follow(bytes)
    if (end === BODY_BAD) {
      this.isBad = true
      this.#forward(bytes.subarray(0, this.#body.goodBytes))
      return bytes.length
    }
    if (end === BODY_MORE) {
      this.#forward(bytes)
      return bytes.length
    }
    this.isRead = true
    this.#forward(bytes.subarray(0, end))
    return end
  }

  /** The dyno is there: it gets the head, and what waited. */
  sendTo(socket: Socket, headText: string): void {
    this.#socket = socket
    const [first] = this.#held
    if (first === undefined) {
      socket.write(headText, 'latin1')
      return
    }
    if (this.#held.length === 1 && first.length <= textBytes) {
      socket.write(headText + first.toString('latin1'), 'latin1')
    } else {
      socket.cork()
      socket.write(headText, 'latin1')
      for (const bytes of this.#held) socket.write(bytes)
      socket.uncork()
    }
    this.#held = []
  }

  #forward(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.#socket !== undefined) {
      this.#socket.write(bytes)
      return
    }
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }
}
