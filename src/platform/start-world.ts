import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {Emit, Gate} from '../model/event.ts'
import type {Settings} from '../model/settings.ts'
import type {TerminalSize} from '../model/terminal.ts'

/** What an app that starts finds around it: the machine, and who listens. */
export type StartWorld = {
  readonly settings: Settings
  readonly emit: Emit
  readonly gate: Gate
  readonly table: ProcessTable
  /** What fits into the log of whoever looks at it: the first size of the terminals that dynos get. */
  readonly terminalSize?: TerminalSize
  /** Takes a sentence for the user: a port that was swapped, a host name that two types share. */
  readonly warn: (text: string) => void
  /** Aborted when the user wants to stop before the app runs. */
  readonly stop?: AbortSignal
}
