import {performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream} from 'node:http2'
import type {Socket} from 'node:net'
import {ClientConnection, type Door} from '../client-connection.ts'
import {renderHttp2Request} from './render-request.ts'
import {StreamSocket} from './stream-socket.ts'

const streamsAtOnce = 100
const streamWindowBytes = 262_144
const sessionWindowBytes = 1_048_576
/** What one connection may hold of heads and unsent frames. */
const sessionMegabytes = 16
const lingerMs = 2000

export type Http2Options = {
  readonly door: Door
  /** Whether a request is one too many (H22). */
  isExcess(): boolean
  /** A request began, as a client of its own. */
  onClient(client: ClientConnection): void
  onClosed(session: Http2Session): void
}

/** One client's connection of HTTP/2 (platform.md b.2): each of its streams becomes a connection of HTTP/1.1 with one request. */
export class Http2Session {
  readonly #session: ServerHttp2Session
  readonly #options: Http2Options
  readonly #remoteAddress: string | undefined
  #openStreams = 0

  constructor(socket: Socket, options: Http2Options) {
    const {sizes, limits} = options.door.context
    this.#options = options
    this.#remoteAddress = socket.remoteAddress
    this.#session = performServerHandshake(socket, {
      settings: {
        enableConnectProtocol: true,
        maxConcurrentStreams: streamsAtOnce,
        initialWindowSize: streamWindowBytes,
        maxHeaderListSize: sizes.headerLineBytes * 16,
      },
      // With its pseudo fields, and one more, so that the parser is the one to refuse it.
      maxHeaderListPairs: sizes.headerCount + 10,
      maxSendHeaderBlockLength: sizes.responseHeadBytes * 2,
      maxSessionMemory: sessionMegabytes,
    })
    this.#session.on('stream', (stream, _headers, flags, rawHeaders) => this.#onStream(stream, flags, rawHeaders as unknown as string[]))
    this.#session.on('error', () => undefined)
    this.#session.on('close', () => options.onClosed(this))
    this.#session.setTimeout(limits.idleClientMs, () => this.#onIdle())
    this.#session.setLocalWindowSize(sessionWindowBytes)
    socket.on('error', () => undefined)
  }

  #onStream(stream: ServerHttp2Stream, flags: number, rawHeaders: readonly string[]): void {
    const {door, isExcess, onClient} = this.#options
    const request = renderHttp2Request(rawHeaders, (flags & endOfStream) === 0)
    stream.on('error', () => undefined)
    if (request === undefined) {
      stream.close(protocolError)
      return
    }
    this.#openStreams++
    stream.once('close', () => {
      this.#openStreams--
    })
    const socket = new StreamSocket(stream, request, {remoteAddress: this.#remoteAddress, limits: door.context.sizes})
    onClient(new ClientConnection(socket, door, isExcess()))
  }

  /** A client connection between requests lives for `idleClientMs` (b.2); requests have time-outs of their own. */
  #onIdle(): void {
    if (this.#openStreams > 0) return
    this.leave()
    // Who does not even take a goodbye is cut.
    setTimeout(() => this.force(), lingerMs).unref()
  }

  /** No further request; those under way go on. */
  leave(): void {
    if (!this.#session.closed) this.#session.close()
  }

  force(): void {
    this.#session.destroy()
  }
}

/** Flag of a frame of fields, and error code (RFC 9113, 6.2 and 7). */
const endOfStream = 0x1
const protocolError = 0x1
