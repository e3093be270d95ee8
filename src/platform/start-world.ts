import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {Emit, Gate} from '../model/event.ts'
import type {Settings} from '../model/settings.ts'

/** What an app that starts finds around it: the machine, and who listens. */
export type StartWorld = {
  readonly settings: Settings
  readonly emit: Emit
  readonly gate: Gate
  readonly table: ProcessTable
  /** Takes a sentence for the user: a port that was swapped, a host name that two types share. */
  readonly warn: (text: string) => void
  /** Aborted when the user wants to stop before the app runs. */
  readonly stop?: AbortSignal
}
