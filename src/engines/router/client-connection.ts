import {unsentBytes} from '../../lib/unsent-bytes.ts'
import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import type {Backends} from './backends.ts'
import {DONE, MORE} from './bytes.ts'
import {clientAddress} from './client-address.ts'
import type {ClientSocket} from './client-socket.ts'
import type {RouterContext} from './context.ts'
import {type Client, Exchange} from './exchange.ts'
import {headText} from './head-text.ts'
import {normalHost} from './host-table.ts'
import {countPasses, renderForwarded, renderPage} from './messages.ts'
import {reasonPhrase, renderFaultPage} from './pages.ts'
import {RequestHead, readRequestHead} from './request-head.ts'
import {isRequestId} from './request-id.ts'
import {RequestRecord} from './request-record.ts'
import type {Timed} from './sweep.ts'

/** The way by which clients come in. */
export type Door = {
  readonly context: RouterContext
  readonly protocol: 'http' | 'https'
  /** `tls1.3`, for clients that come by TLS. */
  readonly tlsVersion?: string | undefined
  /** The host that the client named in its handshake: its requests are for that one. */
  readonly serverName?: string | undefined
  /** The `X-Forwarded-Proto` and `-Port` lines that a dyno gets. */
  readonly doorLines: string
  /** The router closes: connections end after the request under way. */
  readonly isClosing: boolean
  find(host: string): Backends | undefined
  renderUnknownHost(host: string): string
  forget(connection: ClientConnection): void
}

/** A head is awaited or under way. */
const HEAD = 0
const EXCHANGE = 1
/** The last answer is out; what still comes is thrown away until the client closes or time is up, so that the answer is not lost to a reset. */
const LINGER = 2
const CLOSED = 3

const lingerMs = 2000
const noBytes = Buffer.alloc(0)

/** One connection of a client: it collects heads and makes an Exchange of each, one after the other. */
export class ClientConnection implements Client, Timed {
  readonly socket: ClientSocket
  deadline: number
  readonly #door: Door
  readonly #isExcess: boolean
  #state: typeof HEAD | typeof EXCHANGE | typeof LINGER | typeof CLOSED = HEAD
  #exchange: Exchange | null = null
  #head: RequestHead | null = null
  /** Bytes that wait for their turn: the beginning of a line, or requests sent ahead. */
  #pending: Buffer = noBytes
  #isReading = true
  #unfinishedBytes = 0
  #unsentBytes = 0
  /** Of the client, a v4 one always as v4; empty until it is needed. */
  #address = ''
  #usualLines = ''

  /** `isExcess`: there are too many connections, a request on this one is refused. */
  constructor(socket: ClientSocket, door: Door, isExcess: boolean) {
    this.socket = socket
    this.#door = door
    this.#isExcess = isExcess
    this.deadline = Date.now() + door.context.limits.idleClientMs
    socket.on('data', bytes => this.#onData(bytes))
    socket.on('drain', () => this.#onDrain())
    socket.on('end', () => this.#exchange?.onClientGone())
    socket.on('error', ignore)
    socket.on('close', () => this.#onClose())
    door.context.sweep.add(this)
  }

  get isLeaving(): boolean {
    return this.#door.isClosing
  }

  #onData(bytes: Buffer): void {
    switch (this.#state) {
      case HEAD:
        this.#onHead(this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]))
        break
      case EXCHANGE:
        this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
        this.#offerPending()
        break
    }
  }

  /** Gives the exchange what is there; what it does not want waits for its end. */
  #offerPending(): void {
    const bytes = this.#pending
    const size = this.#exchange?.take(bytes) ?? 0
    if (this.#state !== EXCHANGE) return
    this.#pending = size === bytes.length ? noBytes : bytes.subarray(size)
    if (this.#pending.length > 0) this.pauseReading()
  }

  #onHead(bytes: Buffer): void {
    const {context} = this.#door
    this.#pending = noBytes
    if (this.socket.writableLength >= context.sizes.responseBufferBytes) {
      // Answers pile up unread: no further request until they are taken.
      this.#pending = bytes
      this.pauseReading()
      return
    }
    const head = this.#head ?? new RequestHead(context.sizes)
    const result = readRequestHead(bytes, headText(bytes), head)
    if (result === MORE) {
      if (this.#head === null) this.deadline = Date.now() + context.limits.idleClientMs
      this.#head = head
      this.#pending = Buffer.from(bytes.subarray(head.at))
      head.at = 0
      this.#holdUnfinished(head.lines.length + this.#pending.length)
      if (context.unfinishedHeads.bytes > context.sizes.unfinishedHeadBytes)
        this.#refuse(head, routerFaults.badHeader, 'too many unfinished requests')
      return
    }
    this.#head = null
    this.#holdUnfinished(0)
    if (result === DONE) this.#begin(head, bytes)
    else this.#refuse(head, head.fault, head.reason)
  }

  #holdUnfinished(size: number): void {
    this.#door.context.unfinishedHeads.bytes += size - this.#unfinishedBytes
    this.#unfinishedBytes = size
  }

  #begin(head: RequestHead, bytes: Buffer): void {
    const door = this.#door
    const {context} = door
    const backends = door.find(head.host)
    const refusal = this.#refusal(head)
    if (backends === undefined || refusal !== undefined) {
      this.#refuse(head, refusal ?? routerFaults.unknownHost)
      return
    }
    const forwardedFor = this.#forwardedFor(head)
    const exchange = new Exchange(head, {
      context,
      client: this,
      backends,
      record: this.#record(head, forwardedFor),
      forwardedLines: this.#forwardedLines(head, forwardedFor),
    })
    this.#state = EXCHANGE
    this.#exchange = exchange
    if (head.at < bytes.length) {
      this.#pending = bytes.subarray(head.at)
      this.#offerPending()
    }
    exchange.begin()
  }

  /** What keeps a request from any dyno, whatever its host leads to. */
  #refusal({host, via}: RequestHead): RouterFault | undefined {
    const {serverName, context} = this.#door
    if (this.#isExcess) return routerFaults.connectionLimit
    if (serverName !== undefined && serverName !== normalHost(host)) return routerFaults.certificateMismatch
    return countPasses(via) >= context.sizes.loops ? routerFaults.loop : undefined
  }

  #forwardedFor(head: RequestHead): string {
    if (this.#address === '') this.#address = clientAddress(this.socket)
    return head.forwardedFor === '' ? this.#address : `${head.forwardedFor}, ${this.#address}`
  }

  /** Most requests of a connection bring no addresses and no proxies: what their dyno is told is made once. */
  #forwardedLines(head: RequestHead, forwardedFor: string): string {
    const {doorLines} = this.#door
    if (head.forwardedFor !== '' || head.via !== '') return renderForwarded(head, forwardedFor, doorLines)
    if (this.#usualLines === '') this.#usualLines = renderForwarded(head, forwardedFor, doorLines)
    return this.#usualLines
  }

  #record(head: RequestHead, forwardedFor: string): RequestRecord {
    const {context, protocol, tlsVersion} = this.#door
    const requestId = isRequestId(head.requestId, context.sizes) ? head.requestId : context.ids.next()
    const fwd = head.forwardedFor === '' ? forwardedFor : forwardedFor.replaceAll(/[ \t]/g, '')
    return new RequestRecord(head, requestId, fwd, protocol, tlsVersion)
  }

  /** Answers a request that no dyno will see. */
  #refuse(head: RequestHead, fault: RouterFault, reason?: string): void {
    const {status = 503} = fault
    const record = this.#record(head, this.#forwardedFor(head))
    const isUnknown = fault === routerFaults.unknownHost
    const hasBody = head.hasCoding || head.length > 0
    this.#door.context.emit(record.close(fault, status))
    const html = isUnknown
      ? this.#door.renderUnknownHost(head.host)
      : renderFaultPage(fault, {requestId: record.requestId, ...(reason === undefined ? {} : {reason})})
    this.#sendPage(status, html, head.method === 'HEAD', !isUnknown || hasBody || !head.keepAlive)
  }

  exchangeFailed(fault: RouterFault, page: {isClosing: boolean; isHead: boolean; requestId: string; backends: Backends}): void {
    const {notice, errorPageUrl, maintenancePageUrl} = page.backends
    const html = renderFaultPage(fault, {
      requestId: page.requestId,
      notice: fault === routerFaults.appCrashed ? notice : undefined,
      errorPageUrl,
      maintenancePageUrl,
    })
    this.#exchange = null
    this.#sendPage(fault.status ?? 503, html, page.isHead, page.isClosing)
  }

  #sendPage(status: number, html: string, isHead: boolean, wantsClose: boolean): void {
    const isClosing = wantsClose || this.isLeaving
    this.socket.write(renderPage({status, reason: reasonPhrase(status), html}, {isHead, isClosing, date: new Date().toUTCString()}))
    this.exchangeDone(isClosing)
  }

  exchangeDone(isClosing: boolean): void {
    this.#exchange = null
    if (isClosing) {
      this.#linger()
      return
    }
    this.#state = HEAD
    this.deadline = this.#door.context.sweep.now + this.#door.context.limits.idleClientMs
    if (this.#pending.length > 0) setImmediate(() => this.#onPending())
    else this.resumeReading()
  }

  #onPending(): void {
    if (this.#state !== HEAD || this.#pending.length === 0) return
    const bytes = this.#pending
    this.#pending = noBytes
    this.resumeReading()
    this.#onHead(bytes)
  }

  #onDrain(): void {
    this.#exchange?.onClientDrained()
    if (this.#state === HEAD && !this.#isReading) this.#onPending()
  }

  #linger(): void {
    this.#state = LINGER
    this.#pending = noBytes
    const {sweep, limits} = this.#door.context
    this.deadline = sweep.now + (this.socket.writableLength > 0 ? limits.rollingMs : lingerMs)
    this.socket.end()
    this.resumeReading()
  }

  pauseReading(): void {
    if (!this.#isReading) return
    this.#isReading = false
    this.socket.pause()
  }

  resumeReading(): void {
    if (this.#pending.length > 0 && this.#state === EXCHANGE) this.#offerPending()
    if (this.#isReading || this.#pending.length > 0) return
    this.#isReading = true
    this.socket.resume()
  }

  /** Whether the client took some of what waits for it since this was asked last. */
  hasTakenBytes(): boolean {
    const unsent = unsentBytes(this.socket)
    const hasTaken = unsent !== 0 && unsent !== this.#unsentBytes
    this.#unsentBytes = unsent
    return hasTaken
  }

  onDeadline(now: number): void {
    if (this.#exchange !== null) this.#exchange.onDeadline(now)
    else if (this.hasTakenBytes()) this.deadline = now + this.#door.context.limits.rollingMs
    else this.#destroy()
  }

  cut(): void {
    this.#exchange = null
    this.#state = CLOSED
    // A TLS socket has no reset; without its close_notify the answer reads as cut short all the same.
    if ('encrypted' in this.socket || this.socket.destroyed) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  /** The router closes: an idle connection ends now, another one after its answer. */
  leave(): void {
    if (this.#state !== HEAD || this.#head !== null || this.#pending.length > 0) return
    if (this.socket.writableLength === 0) this.#destroy()
    else this.#linger()
  }

  /** The router waits no longer (H24). */
  force(): void {
    this.#exchange?.fail(routerFaults.forcedClose)
    this.#destroy()
  }

  #destroy(): void {
    this.#state = CLOSED
    this.socket.destroy()
  }

  #onClose(): void {
    this.#exchange?.onClientGone()
    this.#exchange = null
    this.#state = CLOSED
    this.#holdUnfinished(0)
    this.#door.context.sweep.delete(this)
    this.#door.forget(this)
  }
}

function ignore(): void {
  // What matters follows as 'close'.
}
