import type {ByteSink} from '../engines/dyno/passed-output.ts'
import type {SpawnInPty} from '../lib/pty.ts'
import type {PtyProcess} from '../lib/pty-process.ts'
import type {DynoEnd} from '../model/dyno.ts'
import type {TerminalSize} from '../model/terminal.ts'

/**
 * What a command has for its input and output. `terminal`: one of its own. `descriptors`: those of whoever called Homeport; what
 * is `piped` comes to `sink`. `log`: it reads nothing, and its lines are told as events.
 */
export type AttachedIo =
  | {
      readonly kind: 'terminal'
      readonly load: () => Promise<SpawnInPty>
      readonly size: () => TerminalSize
      readonly sink: ByteSink
    }
  | {
      readonly kind: 'descriptors'
      readonly stdin: number
      readonly stdout: number | 'piped'
      readonly stderr: number | 'piped'
      readonly sink: ByteSink
    }
  | {readonly kind: 'log'}

/** A command that was started for somebody who waits for it. Disposing of it leaves nothing. */
export type Attached = AsyncDisposable & {
  /** Its pid, unless it never started. */
  readonly pid: number | undefined
  /** Resolves when it has ended and all that it wrote is passed on. */
  readonly ended: Promise<DynoEnd>
  /** The terminal to type into, when it has one. */
  readonly terminal: PtyProcess | undefined
  /** To its first process and all in the same group, as a key of the terminal would: SIGINT, SIGQUIT. */
  signal(signal: NodeJS.Signals): Promise<void>
  /** SIGSTOP and SIGCONT to all of it: Ctrl-Z and `fg` of Homeport. */
  suspend(): Promise<void>
  resume(): Promise<void>
  /** The orderly stop: SIGTERM to all, SIGKILL at the limit. A program in a terminal is told first that the terminal is gone. */
  stop(): Promise<void>
  kill(): Promise<void>
}
