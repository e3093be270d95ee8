import {reapSession} from '../engines/dyno/reap.ts'
import {openProcessTable} from '../lib/process-table/process-table.ts'

/** The hidden command that the guardian becomes when Homeport is gone: ends what is left of its session. */
export async function reap([file = '']: readonly string[]): Promise<boolean> {
  await reapSession(file, openProcessTable())
  return true
}
