import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import type {Backend} from './backend.ts'
import type {Backends, Waiting} from './backends.ts'
import {lookAgainMs} from './balance.ts'
import type {RouterContext} from './context.ts'
import type {DynoConnection, DynoListener} from './dyno-connection.ts'

/** Who wants a dyno. */
export type Searcher = DynoListener & {
  /** Until then nothing will be heard, unless a dyno turns up: `onDeadline` is to be called. */
  awaitDyno(untilMs: number): void
  /** A connection to this dyno is open. */
  onDynoFound(dyno: DynoConnection, backend: Backend, connectMs: number): void
  /** None could be had. `backend` and `connectMs` tell of the last one that was tried. */
  onNoDyno(fault: RouterFault, backend?: Backend, connectMs?: number): void
}

/**
 * The search of one request for a dyno that accepts its connection (platform.md b.5): another one after each failed connect, up to
 * ten; waiting while all are in quarantine or none is up yet; 75 seconds in all.
 */
export class DynoSearch implements Waiting {
  readonly #searcher: Searcher
  readonly #backends: Backends
  readonly #context: RouterContext
  readonly #token: string | undefined
  readonly #endMs: number
  #tried: readonly Backend[] = []
  #looks = 0
  #backend: Backend | undefined
  #connection: DynoConnection | undefined
  #firstHost = 0
  #connectingMs = 0

  constructor(
    searcher: Searcher,
    {backends, context, startedMs, token}: {backends: Backends; context: RouterContext; startedMs: number; token: string | undefined},
  ) {
    this.#searcher = searcher
    this.#backends = backends
    this.#context = context
    this.#token = token
    this.#endMs = startedMs + context.limits.queueMs
  }

  /** Looks for a dyno now; waits when there is none to try. */
  look(): void {
    const now = Date.now()
    const backend = this.#backends.choose(this.#tried, now, this.#token)
    if (backend !== undefined) {
      this.#backends.stopWaiting(this)
      this.connectTo(backend)
      return
    }
    this.#backends.wait(this)
    const againMs =
      this.#backends.size === 0 ? Number.POSITIVE_INFINITY : now + lookAgainMs(this.#looks++, this.#context.limits.quarantineMs)
    this.#searcher.awaitDyno(Math.min(this.#endMs, againMs))
  }

  connectTo(backend: Backend): void {
    this.#backend = backend
    this.#firstHost = backend.host
    this.#connectingMs = Date.now()
    this.#connect(backend)
  }

  #connect(backend: Backend): void {
    const leftMs = this.#endMs - Date.now()
    this.#connection = backend.connect(this.#searcher, Math.max(1, Math.min(this.#context.limits.connectMs, leftMs)))
  }

  onDeadline(now: number): void {
    if (now < this.#endMs) this.look()
    else this.#fail(this.#backends.size === 0 ? routerFaults.bootTimeout : routerFaults.platformError)
  }

  onDynosChanged(): void {
    const refusal = this.#backends.refusal()
    if (refusal === undefined) this.look()
    else this.#fail(refusal)
  }

  onConnected(): void {
    const connection = this.#connection
    const backend = this.#backend
    if (connection === undefined || backend === undefined) return
    this.#connection = undefined
    this.#searcher.onDynoFound(connection, backend, Date.now() - this.#connectingMs)
  }

  onConnectFailed(isTimeout: boolean): void {
    const backend = this.#backend
    if (backend === undefined) return
    this.#connection = undefined
    if (!isTimeout && backend.tryNextHost(this.#firstHost)) {
      this.#connect(backend)
      return
    }
    const now = Date.now()
    backend.quarantine(now)
    this.#tried = [...this.#tried, backend]
    const tries = Math.min(this.#context.sizes.connectTries, this.#backends.size)
    const isLast = this.#tried.length >= tries || this.#backends.choose(this.#tried, now, undefined) === undefined
    if (this.#backends.size > 0 && isLast) {
      this.#searcher.onNoDyno(isTimeout ? routerFaults.backendTimeout : routerFaults.backendRefused, backend, now - this.#connectingMs)
    } else this.onDynosChanged()
  }

  /** The request is over, whatever was found. */
  stop(): void {
    this.#backends.stopWaiting(this)
    this.#connection?.drop()
    this.#connection = undefined
  }

  #fail(fault: RouterFault): void {
    this.#searcher.onNoDyno(fault)
  }
}
