import {constants, type ServerHttp2Stream} from 'node:http2'
import {Duplex} from 'node:stream'
import type {RouterLimits} from '../../../model/router-limits.ts'
import type {ClientSocket} from '../client-socket.ts'
import {AnswerReader, type AnswerTaker, type Fields} from './answer-reader.ts'
import type {RenderedRequest} from './render-request.ts'

/**
 * One stream of HTTP/2 as a client's connection of HTTP/1.1: what is read from it is the request, what is written to it is the
 * answer. So a request of HTTP/2 goes the very way of all others, by the same rules, limits, pages and log line.
 */
export class StreamSocket extends Duplex implements ClientSocket, AnswerTaker {
  readonly remoteAddress: string | undefined
  readonly #stream: ServerHttp2Stream
  readonly #request: RenderedRequest
  readonly #reader: AnswerReader
  #bodyBytes = 0
  #trailers = ''
  #unwritten = 0
  #onWritten: (() => void) | undefined

  constructor(
    stream: ServerHttp2Stream,
    request: RenderedRequest,
    {remoteAddress, limits}: {readonly remoteAddress: string | undefined; readonly limits: RouterLimits},
  ) {
    super()
    this.remoteAddress = remoteAddress
    this.#stream = stream
    this.#request = request
    this.#reader = new AnswerReader(this, {isHead: request.isHead, isTunnel: request.isTunnel, limits})
    this.push(request.head, 'latin1')
    stream.on('data', (bytes: Buffer) => this.#onBytes(bytes))
    stream.on('trailers', (_fields: unknown, _flags: unknown, raw?: readonly string[]) => this.#onTrailers(raw ?? []))
    stream.on('end', () => this.#onEnd())
    stream.on('error', () => undefined)
    stream.on('close', () => this.destroy())
  }

  /** As TCP's reset: who reads cannot take what came for all. */
  resetAndDestroy(): never {
    this.destroy()
    return this as never
  }

  #onBytes(bytes: Buffer): void {
    const {body, isTunnel} = this.#request
    this.#bodyBytes += bytes.length
    // Bytes over the length would be read as a further request.
    if (typeof body === 'number' && !isTunnel && this.#bodyBytes > body) {
      this.destroy()
      return
    }
    const isRoomLeft = body === 'chunked' ? this.#pushChunk(bytes) : this.push(bytes)
    if (!isRoomLeft) this.#stream.pause()
  }

  #pushChunk(bytes: Buffer): boolean {
    if (bytes.length === 0) return true
    return this.push(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, crlf]))
  }

  #onTrailers(raw: readonly string[]): void {
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const line = `${raw[i]}: ${raw[i + 1]}`
      if (/[\r\n\0]/.test(line)) this.destroy()
      else this.#trailers += `${line}\r\n`
    }
  }

  #onEnd(): void {
    if (this.#request.isTunnel) this.push(null)
    // The trailers are told of in a turn of their own.
    else if (this.#request.body === 'chunked') setImmediate(() => this.destroyed || this.push(`0\r\n${this.#trailers}\r\n`, 'latin1'))
  }

  override _read(): void {
    this.#stream.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#onWritten = done
    this.#unwritten++
    try {
      if (!this.#reader.read(bytes)) this.destroy()
    } catch {
      // A field that HTTP/2 has no form for.
      this.destroy()
    }
    this.#written()
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#reader.end()) this.destroy()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#stream.closed) this.#stream.close(this.#reader.isOver ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_INTERNAL_ERROR)
    this.#onWritten = undefined
    done(error)
  }

  onInterim(status: number): void {
    if (this.#isOpen) this.#stream.additionalHeaders({':status': status})
  }

  onHead(status: number, fields: Fields, isEnd: boolean): void {
    if (!this.#isOpen) return
    // A stream that waits for trailers ends with them alone: one that is cut before cannot be taken for complete. Of the date no more
    // is said than in HTTP/1.1: what the dyno says.
    const options = {endStream: isEnd, waitForTrailers: !isEnd, sendDate: false}
    this.#stream.respond({':status': status, ...(fields as Record<string, string | string[]>)}, options)
    if (isEnd) this.#leaveTunnel()
  }

  onBytes(bytes: Buffer): void {
    if (!this.#isOpen || this.#stream.writableEnded) return
    this.#unwritten++
    this.#stream.write(bytes, () => this.#written())
  }

  onEnd(trailers: Fields): void {
    if (!this.#isOpen) return
    this.#stream.once('wantTrailers', () => {
      if (this.#stream.destroyed) return
      this.#stream.sendTrailers(trailers as Record<string, string | string[]>)
      this.#leaveTunnel()
    })
    this.#stream.end()
  }

  /** Who asked for a tunnel ends his side only when he is told that there is none any more. */
  #leaveTunnel(): void {
    if (this.#request.isTunnel) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  get #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed
  }

  /** Who writes may have the bytes again when the stream has taken all that was made of them. */
  #written(): void {
    if (--this.#unwritten > 0) return
    const done = this.#onWritten
    this.#onWritten = undefined
    done?.()
  }
}

const crlf = Buffer.from('\r\n')
