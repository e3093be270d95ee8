import type {ProcessInfo, ProcessTable} from '../../lib/process-table/process-table.ts'
import {pause} from '../../lib/wait.ts'
import {markerOfLimit, markerVariable} from './mark.ts'

/** All processes at one moment, with the ways by which one leads to another. */
export type Scan = {
  /** `performance.now()` when the reading began. */
  readonly begunAt: number
  readonly processes: ReadonlyMap<number, ProcessInfo>
  readonly children: ReadonlyMap<number, readonly ProcessInfo[]>
  /** By process group and by session, under the pid of the process that leads or led it. */
  readonly groups: ReadonlyMap<number, readonly ProcessInfo[]>
  /** By the mark that a dyno's processes inherit. */
  readonly marked: ReadonlyMap<string, readonly ProcessInfo[]>
}

/** How often the environment of a process is asked for that shows none. */
const mostAttempts = 4

type Known = {readonly startTime: string; readonly marker: string | undefined}

/**
 * Looks at all processes of the machine, for many who ask: everyone who asks before a look begins shares it, and the mark of
 * a process is read once in its life, since it inherits the mark at its fork and keeps it.
 */
export class ProcessScanner {
  readonly table: ProcessTable
  #known: ReadonlyMap<number, Known> = new Map()
  #current: Promise<unknown> = Promise.resolve()
  #next: Promise<Scan> | undefined

  constructor(table: ProcessTable) {
    this.table = table
  }

  /** A look that begins after this call. */
  scan(): Promise<Scan> {
    this.#next ??= this.#scanSoon()
    return this.#next
  }

  async #scanSoon(): Promise<Scan> {
    await Promise.all([this.#current, new Promise(resolve => setImmediate(resolve))])
    this.#next = undefined
    const scan = this.#scanNow()
    this.#current = scan.catch(() => undefined)
    return scan
  }

  async #scanNow(): Promise<Scan> {
    const begunAt = performance.now()
    const list = await this.table.list()
    const markers = await this.#readMarkers(list)
    const scan = {
      begunAt,
      processes: new Map<number, ProcessInfo>(),
      children: new Map<number, ProcessInfo[]>(),
      groups: new Map<number, ProcessInfo[]>(),
      marked: new Map<string, ProcessInfo[]>(),
    }
    for (const process of list) {
      scan.processes.set(process.pid, process)
      add(scan.children, process.ppid, process)
      add(scan.groups, process.pgid, process)
      if (process.sid !== process.pgid && process.sid > 0) add(scan.groups, process.sid, process)
      const marker = markers.get(process.pid)?.marker
      if (marker !== undefined) add(scan.marked, marker, process)
    }
    return scan
  }

  async #readMarkers(list: readonly ProcessInfo[]): Promise<ReadonlyMap<number, Known>> {
    const known = new Map<number, Known>()
    const fresh: ProcessInfo[] = []
    for (const process of list) {
      const before = this.#known.get(process.pid)
      if (before !== undefined && this.table.isSameStart(before.startTime, process.startTime)) known.set(process.pid, before)
      else fresh.push(process)
    }
    const limits = await this.table.residentLimits(fresh)
    const variables = await this.#readVariables(fresh.filter(({pid}) => markerOfLimit(limits.get(pid) ?? 0) === undefined))
    for (const {pid, startTime} of fresh) known.set(pid, {startTime, marker: variables.get(pid) ?? markerOfLimit(limits.get(pid) ?? 0)})
    this.#known = known
    return known
  }

  /** A process in the middle of an exec shows no environment; overlooked now, it would be overlooked for good. */
  async #readVariables(processes: readonly ProcessInfo[]): Promise<ReadonlyMap<number, string | undefined>> {
    const found = new Map(await this.table.variable(markerVariable, processes))
    for (let attempt = 1; attempt < mostAttempts; attempt++) {
      const hidden = processes.filter(({pid, isZombie, isKernel}) => !found.has(pid) && !isZombie && !isKernel)
      if (hidden.length === 0) break
      await pause(attempt)
      for (const [pid, value] of await this.table.variable(markerVariable, hidden)) found.set(pid, value)
    }
    return found
  }
}

function add<Key>(map: Map<Key, ProcessInfo[]>, key: Key, process: ProcessInfo): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [process])
  else list.push(process)
}
