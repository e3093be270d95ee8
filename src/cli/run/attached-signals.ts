import {constants} from 'node:os'
import type {Attached} from '../../platform/attached.ts'
import {SignalError} from '../until-ended.ts'
import {stdoutClosedCode} from '../write.ts'

/** Signals that mean the command and not us: what a terminal sends for a key, and what is free for anybody's use. */
const passedOn = ['SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
/** Signals that end us, and the command with us. */
const ending = ['SIGTERM', 'SIGHUP'] as const

/** npm and the terminal both pass Ctrl-C on: for the command that is one. */
const sameSignalMs = 100
/** The same for what ends us, in which nobody insists so soon. */
const sameEndMs = 500

/**
 * The signals that come while somebody waits for a command, heard with lasting handlers from the first moment on. Ctrl-C goes to the
 * command, which decides what it means; SIGTERM and SIGHUP stop it in order, and a second one, half a second later, at once.
 */
export class AttachedSignals {
  #attached: Attached | undefined
  readonly #before: NodeJS.Signals[] = []
  readonly #early = new AbortController()
  #exitCode: number | undefined
  #endedAt = 0
  #last: {readonly signal: NodeJS.Signals; readonly at: number} | undefined

  constructor() {
    for (const signal of [...passedOn, ...ending]) process.on(signal, () => this.#hear(signal))
  }

  /** The command runs; what came before is dealt with now. */
  connect(attached: Attached): void {
    this.#attached = attached
    for (const signal of this.#before.splice(0)) this.#hear(signal)
    if (this.#exitCode !== undefined) void attached.stop()
  }

  /** Aborts at the first signal that comes before the command runs. */
  get early(): AbortSignal {
    return this.#early.signal
  }

  /** Our own exit code, when it is not that of the command: 128 + S, 141 when standard output has no reader any more. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  stdoutClosed(): void {
    this.#end(stdoutClosedCode)
  }

  /** Ctrl-Z where the command has no terminal of its own: it is stopped with us, and goes on with us. */
  suspendTogether(): void {
    process.on('SIGTSTP', () => void this.#suspend())
  }

  #hear(signal: NodeJS.Signals): void {
    if (this.#attached === undefined) {
      this.#before.push(signal)
      this.#early.abort(new SignalError(signal))
      return
    }
    const isEnding = ending.some(name => name === signal)
    if (isEnding) this.#end(128 + constants.signals[signal])
    else if (!this.#isSame(signal)) void this.#attached.signal(signal)
  }

  #end(exitCode: number): void {
    if (this.#exitCode === undefined) {
      this.#exitCode = exitCode
      this.#endedAt = performance.now()
      void this.#attached?.stop()
    } else if (performance.now() - this.#endedAt > sameEndMs) void this.#attached?.kill()
  }

  #isSame(signal: NodeJS.Signals): boolean {
    const at = performance.now()
    const isSame = this.#last?.signal === signal && at - this.#last.at < sameSignalMs
    this.#last = {signal, at}
    return isSame
  }

  async #suspend(): Promise<void> {
    await this.#attached?.suspend()
    process.once('SIGCONT', () => void this.#attached?.resume())
    process.kill(process.pid, 'SIGSTOP')
  }
}
