import {isListening} from '../../lib/is-listening.ts'
import type {ProcessTable} from '../../lib/process-table/process-table.ts'
import type {Claim} from './claims.ts'

export type ProcessReader = Pick<ProcessTable, 'startTime' | 'isSameStart' | 'realm'>

/** Whether the process that made a claim still runs; `socket`: where it listens, if it told so. */
export async function isAlive(
  claim: Claim,
  {socket = '', processes}: {socket?: string | undefined; processes: ProcessReader},
): Promise<boolean> {
  const {pid, startTime, realm} = claim
  // A process of another container that shares the folder, or of the time before a reboot, cannot be seen: its socket can.
  if (realm !== processes.realm) return isListening(socket)
  const started = await processes.startTime(pid)
  return started !== undefined && processes.isSameStart(started, startTime)
}
