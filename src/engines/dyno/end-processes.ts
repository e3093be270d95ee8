import type {ProcessInfo} from '../../lib/process-table/process-table.ts'
import {pause} from '../../lib/wait.ts'

/** How long SIGKILL is repeated: a process that is still there then cannot be killed by us (another user's, or stuck in the kernel). */
const limitMs = 5_000
const longestPauseMs = 50

/** Sends a signal to one process, right after it was looked up. False when it is gone or not ours to signal. */
export function signalProcess({pid}: Pick<ProcessInfo, 'pid'>, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/**
 * SIGKILL to all that `find` finds, again and again until it finds none, and says how many had to be killed and who is left.
 * A group that one of them leads is killed in one call, during which no member can fork; after newcomers the next look
 * follows at once.
 */
export async function endProcesses(find: () => Promise<readonly ProcessInfo[]>): Promise<{killed: number; left: readonly ProcessInfo[]}> {
  const killed = new Set<number>()
  const deadline = performance.now() + limitMs
  for (let pauseMs = 1; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const found = await find()
    if (found.length === 0 || performance.now() > deadline) return {killed: killed.size, left: found}
    const areAllKnown = found.every(({pid}) => killed.has(pid))
    for (const {pid} of found) killed.add(pid)
    killAll(found)
    await pause(areAllKnown ? pauseMs : 1)
  }
}

function killAll(processes: readonly ProcessInfo[]): void {
  // Only groups that one of them leads: the others may be a stranger's.
  for (const {pid, pgid} of processes) if (pid === pgid && pid > 1) signalProcess({pid: -pgid}, 'SIGKILL')
  for (const process of processes) signalProcess(process, 'SIGKILL')
}
