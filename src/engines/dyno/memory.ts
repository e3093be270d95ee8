import {type Emit, now, platformLine} from '../../model/event.ts'
import type {Limits} from '../../model/limits.ts'
import {judgeMemory, type MemoryReading, type MemoryVerdict, renderMemoryVerdict, vastly} from '../../model/memory-quota.ts'

/** A dyno whose memory is watched. */
export type WatchedDyno = {
  readonly name: string
  readonly quotaBytes: number
  /** What it uses now: of its cgroup, else of its processes; undefined when it cannot be told. */
  read(): Promise<MemoryReading | undefined> | MemoryReading | undefined
  /** How often the kernel has killed a process of it for its memory, where its cgroup counts that. */
  kernelKills?(): number
  /** SIGKILL to all its processes. */
  kill(): void
}

export type MemoryWatchOptions = {readonly emit: Emit; readonly limits: Pick<Limits, 'memorySampleMs' | 'memoryReportMs'>}

type Watched = {readonly dyno: WatchedDyno; toldAt: number; kernelKills: number; isCondemned: boolean; last?: MemoryReading}

/**
 * Looks at the memory of all dynos once each `memorySampleMs`: R14 lines at most each `memoryReportMs` while one is over its
 * quota, R15 lines and SIGKILL from twice the quota on (platform.md c.5). Where a cgroup holds the dyno the kernel has killed
 * it by then, and only the lines are left to say. Ends with `[Symbol.dispose]`.
 */
export class MemoryWatch implements Disposable {
  readonly #watched = new Map<WatchedDyno, Watched>()
  readonly #options: MemoryWatchOptions
  #timer: NodeJS.Timeout | undefined
  #isLooking = false

  constructor(options: MemoryWatchOptions) {
    this.#options = options
  }

  /** From now until the returned function is called, which is at the dyno's end, before its cgroups are removed. */
  add(dyno: WatchedDyno): () => void {
    const watched: Watched = {dyno, toldAt: Number.NEGATIVE_INFINITY, kernelKills: dyno.kernelKills?.() ?? 0, isCondemned: false}
    this.#watched.set(dyno, watched)
    this.#timer ??= setInterval(() => void this.#look(), this.#options.limits.memorySampleMs).unref()
    return () => {
      this.#tellKernelKill(watched)
      this.#watched.delete(dyno)
      if (this.#watched.size === 0) this[Symbol.dispose]()
    }
  }

  /** The bytes that a dyno used at the last look. */
  usedBytes(dyno: WatchedDyno): number | undefined {
    return this.#watched.get(dyno)?.last?.usedBytes
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** One look at all of them; a machine under pressure may need longer than the time between two. */
  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await Promise.all([...this.#watched.values()].map(watched => this.#lookAt(watched)))
    } finally {
      this.#isLooking = false
    }
  }

  async #lookAt(watched: Watched): Promise<void> {
    const {dyno} = watched
    if (watched.isCondemned || this.#tellKernelKill(watched)) return
    const reading = await dyno.read()
    if (reading === undefined || !this.#watched.has(dyno)) return
    watched.last = reading
    const verdict = judgeMemory(reading, dyno.quotaBytes)
    if (verdict === 'vastly-exceeded') this.#condemn(watched, reading)
    else if (performance.now() - watched.toldAt >= this.#options.limits.memoryReportMs) this.#tell(watched, verdict, reading)
  }

  /** True when the kernel has killed a part of the dyno: the rest goes too, as the platform kills a dyno whole. */
  #tellKernelKill(watched: Watched): boolean {
    const kills = watched.dyno.kernelKills?.() ?? 0
    if (watched.isCondemned || kills <= watched.kernelKills) return false
    const heldBytes = vastly * watched.dyno.quotaBytes
    this.#condemn(watched, {usedBytes: heldBytes, heldBytes})
    return true
  }

  #condemn(watched: Watched, reading: MemoryReading): void {
    watched.isCondemned = true
    this.#tell(watched, 'vastly-exceeded', reading)
    watched.dyno.kill()
  }

  #tell(watched: Watched, verdict: MemoryVerdict, reading: MemoryReading): void {
    const {name, quotaBytes} = watched.dyno
    const time = now()
    for (const text of renderMemoryVerdict(verdict, reading, quotaBytes)) this.#options.emit(platformLine(name, text, time))
    if (verdict !== 'within') watched.toldAt = performance.now()
  }
}
