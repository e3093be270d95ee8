import {SignalError} from '../until-ended.ts'

const heard = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** npm and the terminal both pass Ctrl-C on: what comes so soon after the first signal is the same one (cli.md section 2, Stop). */
const sameSignalMs = 500

/**
 * The signals that stop `start`. The first is an orderly stop; one that comes more than half a second after any stop began
 * asks for SIGKILL to all. Heard with lasting handlers from the first moment on, so that none ends the process by itself.
 */
export class StopSignals {
  readonly first: Promise<void>
  /** Resolves when the user insists. */
  readonly second: Promise<void>
  /** Whether the user wants to stop. */
  hasHeard = false
  #stopBeganAt: number | undefined
  #resolveFirst: () => void = () => {}
  #resolveSecond: () => void = () => {}

  constructor() {
    this.first = new Promise(resolve => {
      this.#resolveFirst = resolve
    })
    this.second = new Promise(resolve => {
      this.#resolveSecond = resolve
    })
    for (const signal of heard) process.on(signal, () => this.#hear())
  }

  /** A stop began for another reason: a dyno ended, `homeport stop`, standard output is gone. */
  stopBegan(): void {
    this.#stopBeganAt ??= performance.now()
  }

  /** Aborts at the first signal. */
  asSignal(): AbortSignal {
    const controller = new AbortController()
    void this.first.then(() => controller.abort(new SignalError('SIGINT')))
    return controller.signal
  }

  #hear(): void {
    if (this.#stopBeganAt !== undefined && performance.now() - this.#stopBeganAt > sameSignalMs) this.#resolveSecond()
    this.hasHeard = true
    this.stopBegan()
    this.#resolveFirst()
  }
}
