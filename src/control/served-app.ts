import type {Emit} from '../model/event.ts'
import type {AppControl} from '../platform/app-control.ts'

/** An app as the API serves it: `start` serves one, a later `up` many. */
export type ServedApp = {
  readonly control: AppControl
  /** Where its log files lie (see logFolder). */
  readonly logFolder: string
  /** Tells every event from now on; gives what ends that (see EventHub). */
  subscribe(listener: Emit): () => void
}
