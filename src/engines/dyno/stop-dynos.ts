import type {ProcessInfo} from '../../lib/process-table/process-table.ts'
import {pause, settlesWithin} from '../../lib/wait.ts'
import {exitTimeoutLines} from '../../model/dyno-state.ts'
import {type Emit, now, platformLine} from '../../model/event.ts'
import type {Dyno} from './dyno.ts'
import {endProcesses, signalProcess} from './end-processes.ts'
import type {ProcessScanner} from './process-scanner.ts'

const longestPauseMs = 100

export type StopOptions = {
  readonly scanner: ProcessScanner
  readonly emit: Emit
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
  /** The seconds that the R12 line tells: `graceMs` before any scaling of time. */
  readonly statedSeconds?: number
}

/** `killed` obeyed no SIGTERM; `left` could not be killed either, since they are another user's or stuck in the kernel. */
export type StopResult = {readonly killed: number; readonly left: number}

/**
 * Stops dynos as the platform does (platform.md c.3): SIGTERM to every process of each at once, also to those that nobody
 * has seen yet, but not to what one of them runs in order to end well; whoever is still there at the one limit for all gets an R12 line for its dyno, and SIGKILL. Resolves when a look at
 * all processes of the machine finds nothing left of them; what they last wrote may still be on its way until `dyno.ended`.
 */
export async function stopDynos(dynos: readonly Dyno[], options: StopOptions): Promise<StopResult> {
  const stop = terminate(dynos, options)
  for (const dyno of dynos) dyno.leaveTo(stop)
  return stop
}

/** SIGKILL to everything of these dynos, now: the second Ctrl-C, a boot timeout, a memory quota vastly exceeded. */
export async function killDynos(dynos: readonly Dyno[], scanner: ProcessScanner): Promise<StopResult> {
  const stop = kill(dynos, scanner)
  for (const dyno of dynos) dyno.leaveTo(stop)
  return stop
}

async function terminate(
  dynos: readonly Dyno[],
  {scanner, emit, graceMs, statedSeconds = graceMs / 1000}: StopOptions,
): Promise<StopResult> {
  let deadline: number | undefined
  const allExited = Promise.all(dynos.map(({exited}) => exited))
  let haveExited = false
  void allExited.then(() => {
    haveExited = true
  })
  let wasEmpty = false
  let told = new Set<number>()
  for (let pauseMs = 5; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const scan = await scanner.scan()
    const living = dynos.map(dyno => ({dyno, processes: dyno.find(scan)})).filter(({processes}) => processes.length > 0)
    const isEmpty = living.length === 0
    if (isEmpty && wasEmpty) return {killed: 0, left: 0}
    wasEmpty = isEmpty
    // Nobody was seen; whether that is true, only another look tells: see endProcesses.
    if (isEmpty) continue
    if (deadline !== undefined && performance.now() >= deadline) {
      for (const {dyno} of living) for (const text of exitTimeoutLines(statedSeconds)) emit(platformLine(dyno.spec.name, text, now()))
      return kill(dynos, scanner)
    }
    const present = new Set<number>()
    for (const {dyno, processes} of living) {
      const all = processes.filter(process => !dyno.isSpared(process))
      const working = cleaningUp(all, told)
      for (const process of all) {
        if (!working.has(process.pid)) present.add(process.pid)
        if (!told.has(process.pid) && !working.has(process.pid)) signalProcess(process, 'SIGTERM')
        // A stopped process obeys only when it goes on.
        if (process.isStopped) signalProcess(process, 'SIGCONT')
      }
    }
    told = present
    // The time runs from the SIGTERM, however long it took to find everyone.
    deadline ??= performance.now() + graceMs
    const leftMs = Math.max(0, Math.min(pauseMs, deadline - performance.now()))
    await (haveExited ? pause(leftMs) : settlesWithin(allExited, leftMs))
  }
}

/**
 * Pids of those that somebody who was told to end, and still lives, started since, with all below them: `trap 'npm run drain' TERM`.
 * Who has no parent any more was only seen too late.
 */
function cleaningUp(processes: readonly ProcessInfo[], told: ReadonlySet<number>): ReadonlySet<number> {
  const working = new Set<number>()
  if (told.size === 0) return working
  const living = new Set(processes.filter(({isZombie}) => !isZombie).map(({pid}) => pid))
  const isWorking = ({pid, ppid}: ProcessInfo) => !told.has(pid) && living.has(ppid) && (told.has(ppid) || working.has(ppid))
  for (let count = -1; count < working.size; ) {
    count = working.size
    for (const process of processes) if (isWorking(process)) working.add(process.pid)
  }
  return working
}

async function kill(dynos: readonly Dyno[], scanner: ProcessScanner): Promise<StopResult> {
  const {killed, left} = await endProcesses(async () => {
    const scan = await scanner.scan()
    return dynos.flatMap(dyno => dyno.find(scan))
  })
  return {killed, left: left.length}
}
