import type {ProcessInfo, ProcessTable} from '../../lib/process-table/process-table.ts'
import type {Scan} from './process-scanner.ts'

/** A process that must be the very one, and no later one with the same pid. */
export type ProcessIdentity = {readonly pid: number; readonly startTime: string}

/**
 * What belongs together with `seeds`: the children of each, and everything in a process group or session that one of them
 * leads. Being in a group is not enough: what a person starts in a dyno's environment shares the group or the terminal's
 * session with their shell.
 */
export function withRelatives(scan: Scan, seeds: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const found = new Map<number, ProcessInfo>()
  const open = [...seeds]
  for (let process = open.pop(); process !== undefined; process = open.pop()) {
    if (found.has(process.pid) || isOurs(process.pid)) continue
    found.set(process.pid, process)
    open.push(...(scan.children.get(process.pid) ?? []), ...(scan.groups.get(process.pid) ?? []))
  }
  // Parents before children, as pids are given: a shell must not take the end of its child for a reason to go on.
  return [...found.values()].filter(process => !process.isZombie).sort((one, other) => one.pid - other.pid)
}

/** Homeport itself and who started it are nobody's dyno, whatever a table says; 0 and 1 are the system. */
function isOurs(pid: number): boolean {
  return pid <= 1 || pid === process.pid || pid === process.ppid
}

/** Finds the processes of one dyno: by its mark, as relatives of its first process, and whatever was found once. */
export class DynoProcesses {
  readonly #marker: string
  readonly #table: ProcessTable
  #known: readonly ProcessInfo[] = []
  #firstPid = 0
  #firstEndedAt = Number.POSITIVE_INFINITY
  #looksAtGroup = 0

  constructor(marker: string, table: ProcessTable) {
    this.#marker = marker
    this.#table = table
  }

  /** `pid` is a child of this very process and so names nobody else until `firstEnded`. */
  begin(pid: number): void {
    this.#firstPid = pid
  }

  firstEnded(): void {
    this.#firstEndedAt = performance.now()
  }

  /** Those that live, zombies left out. */
  find(scan: Scan): readonly ProcessInfo[] {
    const known = this.#known.flatMap(process => sameProcess(scan, process, this.#table) ?? [])
    const seeds = [...(scan.marked.get(this.#marker) ?? []), ...known, ...this.#aroundFirst(scan)]
    this.#known = withRelatives(scan, seeds)
    return this.#known
  }

  /**
   * The first process and its group. Once it has ended, only two more looks: who it left behind in its group is known by then,
   * and from the moment the group is empty its number may be given to a stranger.
   */
  #aroundFirst(scan: Scan): readonly ProcessInfo[] {
    if (this.#firstPid === 0 || this.#looksAtGroup === 2) return []
    const group = scan.groups.get(this.#firstPid) ?? []
    if (scan.begunAt < this.#firstEndedAt) return group
    this.#looksAtGroup++
    return group.filter(({pid}) => pid !== this.#firstPid)
  }
}

/** That very process as the scan shows it, and no later one with its pid. */
export function sameProcess(scan: Scan, {pid, startTime}: ProcessIdentity, table: ProcessTable): ProcessInfo | undefined {
  const process = scan.processes.get(pid)
  return process !== undefined && table.isSameStart(process.startTime, startTime) ? process : undefined
}
