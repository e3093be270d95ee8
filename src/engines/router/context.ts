import type {Emit} from '../../model/event.ts'
import type {Limits} from '../../model/limits.ts'
import type {RouterLimits} from '../../model/router-limits.ts'
import type {ReadBuffers} from './read-buffers.ts'
import type {RequestIds} from './request-id.ts'
import type {Sweep} from './sweep.ts'

/** What all connections of one router share. */
export type RouterContext = {
  readonly limits: Limits
  readonly sizes: RouterLimits
  readonly emit: Emit
  readonly sweep: Sweep
  readonly buffers: ReadBuffers
  readonly ids: RequestIds
  /** What unfinished request heads of all clients hold. */
  readonly unfinishedHeads: {bytes: number}
  /** From 0 up to 1, 1 excluded. */
  readonly random: () => number
}
