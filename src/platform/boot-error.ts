import {renderDuration, renderEnd} from '../model/ending.ts'
import {HomeportError} from '../model/error.ts'
import type {DynoSlot} from './dyno-slot.ts'

/** Why an app did not come up: which dyno crashed or did not listen in time, with its last lines. */
export function bootError({name, lastEnd, hasTimedOut, wrongPortText}: DynoSlot): HomeportError {
  const lines = lastEnd?.lastLines.slice(-10) ?? []
  const hint = lines.length === 0 ? 'It wrote nothing before.' : `Its last lines:\n${lines.map(line => `  ${line}`).join('\n')}`
  if (hasTimedOut) return new HomeportError('DYNO_NOT_BOOTED', `${name} did not listen on $PORT in time.`, {hint: wrongPortText ?? hint})
  const how = lastEnd === undefined ? 'crashed' : `${renderEnd(lastEnd)} after ${renderDuration(lastEnd.livedMs)}`
  return new HomeportError('DYNO_CRASHED', `${name} ${how}.`, {hint})
}
