import type {Dyno} from '../engines/dyno/dyno.ts'
import {HomeportError} from '../model/error.ts'
import type {DynoSlot} from './dyno-slot.ts'

type Slots = readonly DynoSlot[]

/** The slots of a dyno's name or of a type; all of them when neither is given. Throws UNKNOWN_DYNO. */
export function slotsOf(slots: Slots, target: string | undefined): Slots {
  const found = slots.filter(slot => target === undefined || slot.name === target || slot.type === target)
  if (found.length > 0 || target === undefined) return found
  throw unknownDyno(slots, target)
}

/** The slot of a dyno's name, or the first one of a type. Throws UNKNOWN_DYNO. */
export function findSlot(slots: Slots, target: string): DynoSlot {
  const found = slots.find(({name}) => name === target) ?? slots.find(({name}) => name === `${target}.1`)
  if (found === undefined) throw unknownDyno(slots, target)
  return found
}

/** The dyno that fills a slot now. Throws UNKNOWN_DYNO, also when there is none at the moment. */
export function runningDyno(slots: Slots, name: string): Dyno {
  const slot = slots.find(other => other.name === name)
  if (slot === undefined) throw unknownDyno(slots, name)
  const dyno = slot.dynos.find(({pid}) => pid !== undefined)
  if (dyno !== undefined) return dyno
  throw new HomeportError('UNKNOWN_DYNO', `${name} does not run at the moment: it is ${slot.state}.`, {
    hint: 'See why with `homeport logs`.',
  })
}

function unknownDyno(slots: Slots, target: string): HomeportError {
  return new HomeportError('UNKNOWN_DYNO', `No dyno or process type “${target}” is running.`, {
    hint: `Running are: ${slots.map(({name}) => name).join(', ')}.`,
  })
}
