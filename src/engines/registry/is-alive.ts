import {isListening} from '../../lib/is-listening.ts'
import type {Claim} from './claims.ts'

/** What has to be known of processes: a part of the process table. */
export type ProcessReader = {
  /** When the process with this pid started, undefined when there is none. */
  startTime(pid: number): Promise<string | undefined>
  /** Whether two readings of a start time mean the same moment. */
  isSameStart(one: string, other: string): boolean
  /** Names the world in which pids and start times mean something: this boot, this pid namespace. */
  readonly realm: string
}

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
