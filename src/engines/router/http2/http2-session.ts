import {performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream} from 'node:http2'
import type {Socket} from 'node:net'
import {routerFaults} from '../../../model/router-fault.ts'
import {clientAddress} from '../client-address.ts'
import {ClientConnection, type Door} from '../client-connection.ts'
import {RequestRecord} from '../request-record.ts'
import {renderHttp2Request} from './render-request.ts'
import {StreamSocket} from './stream-socket.ts'
import {UnheardRequests} from './unheard-requests.ts'
import {WatchedSocket} from './watched-socket.ts'

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
  readonly #unheard = new UnheardRequests(() => this.#emitMalformed())
  #openStreams = 0

  constructor(socket: Socket, options: Http2Options) {
    const {sizes, limits} = options.door.context
    this.#options = options
    this.#remoteAddress = socket.remoteAddress
    this.#session = performServerHandshake(new WatchedSocket(socket, this.#unheard), {
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
    this.#session.on('timeout', () => this.#onIdle())
    this.#session.setTimeout(limits.idleClientMs)
    this.#session.setLocalWindowSize(sessionWindowBytes)
    socket.on('error', () => undefined)
  }

  #onStream(stream: ServerHttp2Stream, flags: number, rawHeaders: readonly string[]): void {
    const {door, isExcess, onClient} = this.#options
    const request = renderHttp2Request(rawHeaders, (flags & endOfStream) === 0)
    stream.on('error', () => undefined)
    this.#unheard.onHeard(stream.id)
    if (request === undefined) {
      stream.close(protocolError)
      this.#emitMalformed()
      return
    }
    this.#openStreams++
    stream.once('close', () => {
      this.#openStreams--
      // What is idle from now on has its time from now on, whatever else happens on the connection.
      if (this.#openStreams === 0 && !this.#session.destroyed) this.#session.setTimeout(door.context.limits.idleClientMs)
    })
    const socket = new StreamSocket(stream, request, {remoteAddress: this.#remoteAddress, limits: door.context.sizes})
    onClient(new ClientConnection(socket, door, isExcess()))
  }

  /** A request that broke the rules of HTTP/2 itself: its stream was reset, nothing of it can be told, but that it was there. */
  #emitMalformed(): void {
    const {context, protocol, tlsVersion} = this.#options.door
    const fwd = clientAddress({remoteAddress: this.#remoteAddress})
    const record = new RequestRecord({method: '', target: '', host: ''}, context.ids.next(), fwd, protocol, tlsVersion)
    context.emit(record.close(routerFaults.badHeader, routerFaults.badHeader.status))
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
