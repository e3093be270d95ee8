import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import {readAffinityToken, renderAffinityLine} from './affinity.ts'
import {ANSWER_DONE, ANSWER_FAILED, ANSWER_SWITCHED, Answer, type Question} from './answer.ts'
import type {Backend} from './backend.ts'
import type {Backends} from './backends.ts'
import type {ClientSocket} from './client-socket.ts'
import type {RouterContext} from './context.ts'
import type {DynoConnection} from './dyno-connection.ts'
import {DynoSearch, type Searcher} from './dyno-search.ts'
import {EarlyAnswer} from './early-answer.ts'
import {continueText, renderRequest, renderRequestEnd} from './messages.ts'
import type {RequestHead} from './request-head.ts'
import type {RequestRecord} from './request-record.ts'
import {fullBytes, Upload} from './upload.ts'

/** The client's side of an exchange. */
export type Client = {
  readonly socket: ClientSocket
  /** Milliseconds since the epoch: `exchange.onDeadline` is called then. 0: none. */
  deadline: number
  /** No further request is taken from this connection. */
  readonly isLeaving: boolean
  /** Whether the client took bytes since this was asked last. */
  hasTakenBytes(): boolean
  pauseReading(): void
  resumeReading(): void
  /** The answer is complete. */
  exchangeDone(isClosing: boolean): void
  /** No byte of an answer was sent: a page says what happened. */
  exchangeFailed(fault: RouterFault, page: {isClosing: boolean; isHead: boolean; requestId: string; backends: Backends}): void
  /** Ends the connection so that what was sent cannot be taken for complete. */
  cut(): void
}

export type ExchangeOptions = {
  readonly context: RouterContext
  readonly client: Client
  readonly backends: Backends
  readonly record: RequestRecord
  /** What the dyno is told of the client, as header lines. */
  readonly forwardedLines: string
}

const SEARCHING = 0
const SENT = 1
const TUNNEL = 2
const OVER = 3

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

/** Faults after which the client's connection lives on: the dyno was not there, or too slow, but nobody broke the rules. */
const gentle: ReadonlySet<RouterFault> = new Set<RouterFault>([
  routerFaults.appCrashed,
  routerFaults.backlogTooDeep,
  routerFaults.requestTimeout,
  routerFaults.closedWithoutResponse,
  routerFaults.noWebProcesses,
  routerFaults.backendTimeout,
  routerFaults.bootTimeout,
  routerFaults.backendRefused,
  routerFaults.maintenance,
  routerFaults.blankApp,
  routerFaults.platformError,
])

/** A dyno closes a kept connection after its `Keep-Alive: timeout=N`; we leave it that much earlier, so as not to meet its close with a request. */
const keepAliveMarginMs = 500
/** How long an answer that comes before its request is complete waits for the rest of it. */
const earlyAnswerMs = 1000

/**
 * One request on its way (platform.md b.1, b.5, b.6): a dyno is found for it, it is sent, its answer is relayed, and one event tells
 * about it at the end.
 */
export class Exchange implements Searcher, Question {
  readonly isHead: boolean
  readonly minor: number
  readonly isUpgrade: boolean
  readonly continuing: Question['continuing']
  readonly #context: RouterContext
  readonly #client: Client
  readonly #backends: Backends
  readonly #record: RequestRecord
  readonly #startedMs = Date.now()
  readonly #isClosing: boolean
  readonly #token: string | undefined
  readonly #upload: Upload
  readonly #answer: Answer
  #headText: string
  /** A kept connection that turns out to be dead may be replaced once: the dyno cannot have seen this request, or may see it twice. */
  #mayRepeat: boolean
  #phase: typeof SEARCHING | typeof SENT | typeof TUNNEL | typeof OVER = SEARCHING
  #search: DynoSearch | undefined
  #backend: Backend | undefined
  #dyno: DynoConnection | undefined
  #early: EarlyAnswer | undefined
  #sentMs = 0

  constructor(head: RequestHead, {context, client, backends, record, forwardedLines}: ExchangeOptions) {
    this.isHead = head.method === 'HEAD'
    this.minor = head.minor
    this.isUpgrade = head.upgrade !== ''
    this.continuing = !head.expectsContinue ? 'no' : backends.hasFeature('http-end-to-end-continue') ? 'asked' : 'answered'
    this.#context = context
    this.#client = client
    this.#backends = backends
    this.#record = record
    this.#isClosing = !head.keepAlive || head.isAmbiguous
    this.#token = backends.hasFeature('http-session-affinity') ? readAffinityToken(head.lines) : undefined
    this.#upload = new Upload(head, context.sizes)
    this.#mayRepeat = this.#upload.isRead && !this.isUpgrade && idempotent.has(head.method)
    this.#headText = renderRequest(head, record.requestId, forwardedLines)
    this.#answer = new Answer(client.socket, this, context)
  }

  /** The body's bytes that came with the head are there (`take`): finds a dyno, or answers in its place. */
  begin(): void {
    const backends = this.#backends
    backends.active++
    const refusal = backends.refusal() ?? (backends.isOverloaded ? routerFaults.backlogTooDeep : undefined)
    if (this.#upload.isBad) this.fail(routerFaults.badChunk)
    else if (refusal !== undefined) this.fail(refusal)
    else {
      if (this.continuing === 'answered') this.#client.socket.write(continueText, 'latin1')
      this.#findDyno()
    }
  }

  /** Takes bytes from the client; tells how many belong to this request. */
  take(bytes: Buffer): number {
    if (this.#phase === TUNNEL) {
      this.#dyno?.socket.write(bytes)
      if ((this.#dyno?.socket.writableLength ?? 0) >= fullBytes) this.#client.pauseReading()
      this.#extend(this.#context.limits.rollingMs)
      return bytes.length
    }
    const size = this.#upload.take(bytes)
    if (this.#upload.isBad) {
      if (this.#backend !== undefined || this.#search !== undefined) this.fail(routerFaults.badChunk)
      return bytes.length
    }
    if (this.#upload.isFull) this.#client.pauseReading()
    if (this.#phase !== SENT) return size
    this.#setDeadline()
    if (this.#upload.isRead) this.#releaseEarly()
    return size
  }

  /** A kept connection to the dyno of choice is used at once; everything else is a search. */
  #findDyno(): void {
    const backend = this.#backends.choose([], this.#context.sweep.now, this.#token)
    const kept = this.isUpgrade ? undefined : backend?.takeKept(this)
    if (backend !== undefined && kept !== undefined) {
      this.#send(kept, backend, 0, this.#startedMs)
      return
    }
    this.#search = new DynoSearch(this, {backends: this.#backends, context: this.#context, startedMs: this.#startedMs, token: this.#token})
    this.#client.deadline = 0
    if (backend === undefined) this.#search.look()
    else this.#search.connectTo(backend)
  }

  awaitDyno(untilMs: number): void {
    this.#client.deadline = untilMs
  }

  onDynoConnected(): void {
    this.#search?.onConnected()
  }

  onDynoConnectFailed(isTimeout: boolean): void {
    this.#client.deadline = 0
    this.#search?.onConnectFailed(isTimeout)
  }

  onNoDyno(fault: RouterFault, backend?: Backend, connectMs?: number): void {
    if (backend !== undefined) this.#record.dyno = backend.name
    if (connectMs !== undefined) this.#record.connectMs = connectMs
    this.fail(fault)
  }

  onDynoFound(dyno: DynoConnection, backend: Backend, connectMs: number): void {
    this.#send(dyno, backend, connectMs, Date.now())
  }

  #send(dyno: DynoConnection, backend: Backend, connectMs: number, nowMs: number): void {
    this.#dyno = dyno
    this.#backend = backend
    this.#phase = SENT
    this.#sentMs = nowMs
    this.#record.dyno = backend.name
    this.#record.connectMs = connectMs
    const end = renderRequestEnd({
      connectMs,
      startedMs: this.#startedMs,
      routeMs: this.#sentMs - this.#startedMs - connectMs,
      isUpgrade: this.isUpgrade,
      expectsContinue: this.continuing === 'asked',
    })
    this.#upload.sendTo(dyno.socket, this.#headText + end)
    this.#client.deadline = nowMs + (this.#upload.isRead ? this.#context.limits.firstByteMs : this.#context.limits.uploadIdleMs)
    if (!this.#upload.isFull) this.#client.resumeReading()
  }

  onDynoBytes(bytes: Buffer, isShared: boolean): boolean {
    if (!this.#upload.isRead && this.#phase === SENT && this.#answer.head === undefined && this.continuing !== 'asked') {
      this.#holdEarly(bytes)
      return false
    }
    return this.#relay(bytes, isShared)
  }

  /** An answer to a request that is still coming in waits a little. */
  #holdEarly(bytes: Buffer): void {
    if (this.#early === undefined) {
      this.#early = new EarlyAnswer(this.#context.sizes)
      this.#client.deadline = Date.now() + earlyAnswerMs
    }
    if (this.#early.add(bytes)) this.#releaseEarly()
  }

  #releaseEarly(): void {
    const early = this.#early
    if (early === undefined) return
    this.#early = undefined
    this.#relay(early.take(), true)
  }

  #relay(bytes: Buffer, isShared: boolean): boolean {
    const answer = this.#answer
    const dyno = this.#dyno
    if (dyno === undefined) return false
    if (this.#phase === TUNNEL) answer.pipe(bytes, isShared)
    else {
      const progress = answer.read(bytes, isShared)
      if (progress === ANSWER_DONE) {
        this.#finish()
        return answer.isRetained
      }
      if (progress === ANSWER_FAILED) {
        this.fail(answer.fault)
        return answer.isRetained
      }
      if (progress === ANSWER_SWITCHED) {
        this.#phase = TUNNEL
        this.#client.resumeReading()
      }
    }
    this.#setDeadline()
    if (this.#client.socket.writableLength >= this.#context.sizes.responseBufferBytes) dyno.socket.pause()
    return answer.isRetained
  }

  onDynoDrained(): void {
    this.#client.resumeReading()
  }

  onDynoEnded(): void {
    this.#releaseEarly()
    if (this.#phase === OVER) return
    if (this.#phase === TUNNEL) this.#endTunnel()
    else if (this.#answer.endsWithConnection) this.#finish()
    else this.#dyno?.destroy()
  }

  onDynoLost(): void {
    this.#releaseEarly()
    const dyno = this.#dyno
    const backend = this.#backend
    this.#dyno = undefined
    if (this.#phase === TUNNEL) this.#endTunnel()
    else if (dyno === undefined || backend === undefined) return
    else if (this.#mayRepeat && dyno.isReused && !dyno.hasAnswered) {
      this.#mayRepeat = false
      this.#phase = SEARCHING
      this.#client.deadline = 0
      this.#search = new DynoSearch(this, {backends: this.#backends, context: this.#context, startedMs: Date.now(), token: this.#token})
      this.#search.connectTo(backend)
    } else this.fail(dyno.hasAnswered ? routerFaults.serverInterrupted : routerFaults.closedWithoutResponse)
  }

  /** The client's socket took what was waiting. */
  onClientDrained(): void {
    this.#dyno?.socket.resume()
  }

  onClientGone(): void {
    if (this.#phase === TUNNEL) this.#end(undefined, 101)
    else this.fail(routerFaults.clientInterrupted)
  }

  onDeadline(now: number): void {
    if (this.#phase === SEARCHING) this.#search?.onDeadline(now)
    else if (this.#early !== undefined) this.#releaseEarly()
    else if (this.#client.hasTakenBytes()) this.#extend(this.#context.limits.rollingMs)
    else this.fail(this.#silence())
  }

  /** Who kept still for too long (b.6). */
  #silence(): RouterFault {
    if (this.#phase === TUNNEL) return routerFaults.idleConnection
    if (this.#client.socket.writableLength > 0) return routerFaults.clientIdle
    if (!this.#upload.isRead && this.#answer.head === undefined)
      return this.#upload.isFull ? routerFaults.requestTimeout : routerFaults.clientIdle
    return this.#dyno?.hasAnswered === true ? routerFaults.idleConnection : routerFaults.requestTimeout
  }

  mustClose(): boolean {
    return this.#isClosing || !this.#upload.isRead || this.#client.isLeaving
  }

  moreLines(): string {
    const backend = this.#backend
    if (backend === undefined || this.#token === backend.token || !this.#backends.hasFeature('http-session-affinity')) return ''
    return renderAffinityLine(backend.token)
  }

  /** The request goes wrong: a page where no byte of an answer was sent, else a cut. */
  fail(fault: RouterFault): void {
    if (this.#phase === OVER) return
    const hasBegun = this.#answer.head !== undefined
    this.#end(fault, fault.status)
    if (hasBegun || fault.level === 'warning' || fault.status === undefined) {
      this.#client.cut()
      return
    }
    this.#client.exchangeFailed(fault, {
      isClosing: this.#isClosing || !this.#upload.isRead || !gentle.has(fault),
      isHead: this.isHead,
      requestId: this.#record.requestId,
      backends: this.#backends,
    })
  }

  #finish(): void {
    const answer = this.#answer
    const dyno = this.#dyno
    this.#dyno = undefined
    if (dyno !== undefined) this.#letGo(dyno)
    this.#end(undefined, answer.head?.status)
    this.#client.exchangeDone(answer.isClosing || !this.#upload.isRead)
  }

  /** The dyno's connection is kept when both messages ended cleanly on it. */
  #letGo(dyno: DynoConnection): void {
    const {head, isClean} = this.#answer
    const isUsable = isClean && this.#upload.isRead && head?.keepAlive === true && !this.#answer.endsWithConnection
    if (!isUsable || dyno.isDead || dyno.socket.writableLength > 0 || this.#backend === undefined) {
      dyno.drop()
      return
    }
    const {idleDynoMs} = this.#context.limits
    const timeoutMs = head.keepAliveSeconds * 1000
    this.#backend.keep(dyno, timeoutMs === 0 ? idleDynoMs : Math.min(idleDynoMs, Math.max(timeoutMs / 2, timeoutMs - keepAliveMarginMs)))
  }

  #endTunnel(): void {
    this.#end(undefined, 101)
    this.#client.exchangeDone(true)
  }

  /** The end of this request, however it came: nothing listens any more, and the event is out. */
  #end(fault: RouterFault | undefined, status: number | undefined): void {
    const wasSent = this.#sentMs !== 0
    this.#phase = OVER
    this.#backends.active--
    this.#search?.stop()
    this.#dyno?.drop()
    this.#dyno = undefined
    if (wasSent) {
      this.#record.serviceMs = Date.now() - this.#sentMs
      this.#record.bytes = this.#answer.payloadBytes
    }
    this.#context.emit(this.#record.close(fault, status))
  }

  #setDeadline(): void {
    const {limits} = this.#context
    if (this.#phase === TUNNEL || this.#dyno?.hasAnswered === true) this.#extend(limits.rollingMs)
    else this.#client.deadline = Date.now() + (this.#upload.isRead ? limits.firstByteMs : limits.uploadIdleMs)
  }

  #extend(waitMs: number): void {
    this.#client.deadline = this.#context.sweep.now + waitMs
  }
}
