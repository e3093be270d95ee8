import {reapSession} from '../engines/dyno/reap.ts'
import {openProcessTable} from '../lib/process-table/process-table.ts'

/** The hidden command that the guardian becomes when Homeport is gone: ends what is left of its session. */
export async function reap([stateDir = '', file = '']: readonly string[]): Promise<boolean> {
  const session = file.split('/').at(-2) ?? ''
  await reapSession(file, openProcessTable())
  const {roomsOf} = await import('../platform/dyno-ground.ts')
  const {sweepGround} = await import('../platform/isolated-ground.ts')
  await sweepGround(roomsOf({stateDir}, session))
  return true
}
