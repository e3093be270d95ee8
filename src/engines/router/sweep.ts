/** Something that may not last longer than until its deadline (milliseconds since the epoch; 0: none). */
export type Timed = {
  deadline: number
  onDeadline(now: number): void
}

/**
 * One timer for all connections: it moves a coarse clock on and looks at every deadline. It runs only while there is something to
 * look at.
 */
export class Sweep {
  /** The coarse clock: milliseconds since the epoch, at most one tick old. */
  now = Date.now()
  readonly #timed = new Set<Timed>()
  readonly #tickMs: number
  #timer: NodeJS.Timeout | undefined

  /** `shortestMs`: the shortest wait that somebody will ask for. */
  constructor(shortestMs: number) {
    this.#tickMs = Math.min(500, Math.max(2, shortestMs / 20))
  }

  add(timed: Timed): void {
    this.#timed.add(timed)
    if (this.#timer === undefined) {
      this.now = Date.now()
      this.#timer = setInterval(() => this.#look(), this.#tickMs)
      this.#timer.unref()
    }
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed)
    if (this.#timed.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #look(): void {
    const now = Date.now()
    this.now = now
    for (const timed of this.#timed) {
      if (timed.deadline !== 0 && timed.deadline <= now) {
        timed.deadline = 0
        timed.onDeadline(now)
      }
    }
  }
}
