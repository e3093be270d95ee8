import type {Emit} from '../../model/event.ts'
import {tellStep} from './pool-context.ts'

/** One thing of a pool that a cloud can take away; false when it was not there. */
export type Removal = {readonly name: string; remove(): Promise<boolean>}

export type Destroyed = {readonly removed: readonly string[]; readonly left: readonly {readonly name: string; readonly reason: string}[]}

/** Takes away all that a pool has, in the order of `removals`; what cannot be removed does not keep the rest, and is told. */
export async function destroyPool(removals: readonly Removal[], {emit}: {readonly emit: Emit}): Promise<Destroyed> {
  const removed: string[] = []
  const left: {name: string; reason: string}[] = []
  for (const {name, remove} of removals) {
    try {
      if (await tellStep(emit, name, 'remove', remove)) removed.push(name)
    } catch (error) {
      left.push({name, reason: error instanceof Error ? error.message : String(error)})
    }
  }
  return {removed, left}
}
