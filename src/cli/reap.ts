import {reapSession} from '../engines/dyno/reap.ts'
import {runtimeDirOf} from '../engines/dyno/session-record.ts'
import {openProcessTable} from '../lib/process-table/process-table.ts'

/** The hidden command that the guardian becomes when Homeport is gone: ends what is left of its session, and removes its lock and socket. */
export async function reap([stateDir = '', file = '']: readonly string[]): Promise<boolean> {
  const session = file.split('/').at(-2) ?? ''
  const table = openProcessTable()
  await reapSession(file, table)
  const {sweepClaims} = await import('../engines/registry/folder-lock.ts')
  await sweepClaims({runtimeDir: runtimeDirOf(file), processes: table})
  const {roomsOf} = await import('../platform/dyno-ground.ts')
  const {sweepGround} = await import('../platform/isolated-ground.ts')
  await sweepGround(roomsOf({stateDir}, session))
  return true
}
