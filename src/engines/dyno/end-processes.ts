import type {ProcessInfo} from '../../lib/process-table/process-table.ts'
import {pause} from '../../lib/wait.ts'

/** How long SIGKILL is repeated: a process that is still there then cannot be killed by us (another user's, or stuck in the kernel). */
const limitMs = 5_000
/** But so often at least, on a machine so busy that one look takes seconds. */
const fewestRounds = 3
const longestPauseMs = 50

/** Sends a signal to one process, right after it was looked up. False when it is gone or not ours to signal. */
export function signalProcess({pid}: Pick<ProcessInfo, 'pid'>, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

type Find = () => Promise<readonly ProcessInfo[]>
type Ended = {readonly killed: number; readonly left: readonly ProcessInfo[]}

/**
 * SIGKILL to all that `find` finds, again and again until it twice finds none, and says how many had to be killed and who is
 * left. Twice, since a look takes its time, in which a process can start its successor and end without either being seen.
 * `patienceMs` is how long it first waits for them to end by themselves. A group that one of them leads is killed in one
 * call, during which no member can fork; after newcomers the next look follows at once.
 */
export async function endProcesses(find: Find, {patienceMs = 0}: {readonly patienceMs?: number} = {}): Promise<Ended> {
  const killed = new Set<number>()
  const startedAt = performance.now()
  let wasEmpty = false
  let rounds = 0
  for (let pauseMs = 1; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const found = await find()
    const isEmpty = found.length === 0
    const isOver = rounds >= fewestRounds && performance.now() > startedAt + limitMs
    if ((isEmpty && wasEmpty) || isOver) return {killed: killed.size, left: found}
    wasEmpty = isEmpty
    if (isEmpty) continue
    if (performance.now() < startedAt + patienceMs) {
      await pause(5)
      continue
    }
    const areAllKnown = found.every(({pid}) => killed.has(pid))
    for (const {pid} of found) killed.add(pid)
    killAll(found)
    rounds++
    await pause(areAllKnown ? pauseMs : 1)
  }
}

function killAll(processes: readonly ProcessInfo[]): void {
  // Only groups that one of them leads: the others may be a stranger's.
  for (const {pid, pgid} of processes) if (pid === pgid && pid > 1) signalProcess({pid: -pgid}, 'SIGKILL')
  for (const process of processes) signalProcess(process, 'SIGKILL')
}
