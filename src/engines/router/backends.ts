import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import {Backend, type BackendAddress} from './backend.ts'
import {chooseDyno} from './balance.ts'
import type {RouterContext} from './context.ts'

/** What a request meets while no dyno is up (platform.md b.7): it waits, or gets H10, H14 or H81. */
export type EmptyState = 'starting' | 'crashed' | 'none' | 'blank'

/** Features of `features:enable` that the router knows (platform.md b.4.2, b.8). */
export type RouterFeature = 'http-session-affinity' | 'http-end-to-end-continue'

/** A request that waits for a dyno. */
export type Waiting = {onDynosChanged(): void}

const emptyFaults = {
  starting: undefined,
  crashed: routerFaults.appCrashed,
  none: routerFaults.noWebProcesses,
  blank: routerFaults.blankApp,
} as const

/**
 * The dynos of one process type as the router sees them, and what is answered instead of them. The one who starts and stops dynos
 * tells: `add` when one is up, `remove` before one is stopped, `setEmptyState` when that changes what a request would meet.
 */
export class Backends {
  /** The process type, for the page that lists what runs here. */
  readonly type: string
  /** Requests under way, those that wait included. */
  active = 0
  isInMaintenance = false
  /** `ERROR_PAGE_URL` and `MAINTENANCE_PAGE_URL`: shown in a frame instead of the router's own pages. */
  errorPageUrl: string | undefined
  maintenancePageUrl: string | undefined
  readonly #context: RouterContext
  readonly #features = new Set<RouterFeature>()
  readonly #waiting = new Set<Waiting>()
  #dynos: readonly Backend[] = []
  #emptyState: EmptyState = 'starting'
  #notice: string | undefined

  constructor(type: string, context: RouterContext) {
    this.type = type
    this.#context = context
  }

  /** A dyno is up: it gets requests from now on. */
  add(address: BackendAddress): Backend {
    const dyno = new Backend(address, this.#context)
    this.#dynos = [...this.#dynos, dyno]
    this.#tellWaiting()
    return dyno
  }

  /**
   * A dyno is about to stop, or is gone: it gets no new request, those under way go on. By name the oldest is meant, since
   * while a dyno is replaced the same name exists twice (platform.md c.3).
   */
  remove(target: Backend | string): void {
    const dyno = this.#dynos.find(other => other === target || other.name === target)
    if (dyno === undefined) return
    this.#dynos = this.#dynos.filter(other => other !== dyno)
    dyno.remove()
  }

  setEmptyState(state: EmptyState): void {
    this.#emptyState = state
    this.#tellWaiting()
  }

  /** A text that is answered instead of every request, such as that of R10 for a web that listens on another port; undefined ends it. */
  setNotice(text: string | undefined): void {
    this.#notice = text
    this.#tellWaiting()
  }

  setFeature(feature: RouterFeature, isEnabled: boolean): void {
    if (isEnabled) this.#features.add(feature)
    else this.#features.delete(feature)
  }

  hasFeature(feature: RouterFeature): boolean {
    return this.#features.has(feature)
  }

  get notice(): string | undefined {
    return this.#notice
  }

  get size(): number {
    return this.#dynos.length
  }

  /** What a request gets at once instead of a dyno; undefined when it is routed, or waits for a dyno. */
  refusal(): RouterFault | undefined {
    if (this.isInMaintenance) return routerFaults.maintenance
    if (this.#notice !== undefined) return routerFaults.appCrashed
    return this.#dynos.length === 0 ? emptyFaults[this.#emptyState] : undefined
  }

  /** Whether there are more requests under way than the platform lets in (H11). */
  get isOverloaded(): boolean {
    return this.active > this.#context.sizes.requestsPerDyno * Math.max(1, this.#dynos.length)
  }

  /** A dyno for a request that tried `tried` in vain; the one of the affinity token when it is there. */
  choose(tried: readonly Backend[], now: number, token: string | undefined): Backend | undefined {
    if (token !== undefined) {
      const pinned = this.#dynos.find(dyno => dyno.token === token)
      if (pinned !== undefined && pinned.quarantinedUntil <= now && !tried.includes(pinned)) return pinned
    }
    return chooseDyno(this.#dynos, {now, tried, random: this.#context.random})
  }

  wait(waiting: Waiting): void {
    this.#waiting.add(waiting)
  }

  stopWaiting(waiting: Waiting): void {
    this.#waiting.delete(waiting)
  }

  /** Closes the kept connections; no request is under way any more. */
  dropKept(): void {
    for (const dyno of this.#dynos) dyno.dropKept()
  }

  #tellWaiting(): void {
    for (const waiting of [...this.#waiting]) waiting.onDynosChanged()
  }
}
