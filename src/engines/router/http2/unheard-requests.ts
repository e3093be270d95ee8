import {constants} from 'node:http2'
import {FrameScanner, GOAWAY, HEADERS, RST_STREAM} from './frame-scanner.ts'

const prefaceBytes = 24

/**
 * Requests that node:http2 answers with a reset by itself, without a word to us, since they break the rules of HTTP/2: they are seen
 * in the frames of both directions, so that each of them is told of. One that was refused for being one too many may be sent again,
 * and is none of them.
 */
export class UnheardRequests {
  readonly #onMalformed: () => void
  /** Streams that a client opened and that were not heard of yet. */
  readonly #opened = new Set<number>()
  readonly #fromClient = new FrameScanner(prefaceBytes, (type, stream) => this.#onClientFrame(type, stream))
  readonly #toClient = new FrameScanner(0, (type, stream, errorCode) => this.#onOurFrame(type, stream, errorCode))
  #lastStream = 0

  constructor(onMalformed: () => void) {
    this.#onMalformed = onMalformed
  }

  onRead(bytes: Buffer): void {
    this.#fromClient.scan(bytes)
  }

  onWrite(bytes: Buffer): void {
    this.#toClient.scan(bytes)
  }

  /** The request of this stream goes its way. */
  onHeard(stream: number | undefined): void {
    if (stream !== undefined) this.#opened.delete(stream)
  }

  #onClientFrame(type: number, stream: number): void {
    // Fields on a known stream are trailers.
    if (type !== HEADERS || stream <= this.#lastStream || stream % 2 === 0) return
    this.#lastStream = stream
    this.#opened.add(stream)
  }

  #onOurFrame(type: number, stream: number, errorCode: number): void {
    if (this.#opened.size === 0 || errorCode === constants.NGHTTP2_NO_ERROR) return
    if (type === GOAWAY) for (const opened of this.#opened) this.#settle(opened, errorCode)
    else if (type === RST_STREAM) this.#settle(stream, errorCode)
  }

  /** A request that is heard of is so in the turn in which it came, though its reset may be out before. */
  #settle(stream: number, errorCode: number): void {
    setImmediate(() => {
      if (this.#opened.delete(stream) && errorCode !== constants.NGHTTP2_REFUSED_STREAM) this.#onMalformed()
    })
  }
}
