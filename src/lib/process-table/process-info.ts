/** One process of this machine, as it was when the table was read. */
export type ProcessInfo = {
  readonly pid: number
  readonly ppid: number
  readonly pgid: number
  /** 0 where the system does not tell (macOS). */
  readonly sid: number
  /** With the pid it names one process and never another: compare it with `isSameStart`, never the pid alone. */
  readonly startTime: string
  /** Effective user. */
  readonly uid: number
  /** Name of the program, cut by the system (15 characters on Linux). */
  readonly name: string
  /** Ended, and only waiting for its parent to read how: it holds nothing and no signal reaches it. */
  readonly isZombie: boolean
  /** A thread of the kernel: no program, no environment, no signals. */
  readonly isKernel: boolean
  /** Stopped by a signal or a debugger: it obeys no SIGTERM until it is continued. */
  readonly isStopped: boolean
  readonly residentBytes: number
}

/** A process that listens on a TCP port; the pid and program are absent when they cannot be read (another user's). */
export type Listener = {readonly port: number; readonly pid?: number; readonly program?: string}

/**
 * The processes of this machine. Two readers: /proc (synchronous inside, some 10 µs a process) and `ps` (macOS, some 20 ms a
 * look). What they read is a moment's view: a process may be gone when its line arrives. Rejects when nothing can be read.
 */
export type ProcessTable = {
  list(): Promise<readonly ProcessInfo[]>
  /** When the process with this pid started, undefined when there is none (a zombie counts as none). */
  startTime(pid: number): Promise<string | undefined>
  /** Whether two readings of a start time mean the same moment. */
  isSameStart(one: string, other: string): boolean
  /**
   * The value of an environment variable that each process was started with, by pid: undefined when it lacks it, absent when
   * that cannot be read just now: the process is gone, is in the middle of an exec, or is another user's.
   */
  variable(name: string, processes: readonly ProcessInfo[]): Promise<ReadonlyMap<number, string | undefined>>
  /**
   * The resident set limit of each process in KiB, by pid, where it is not unlimited. A limit is inherited by every fork and
   * cannot be washed off as an environment can (nginx, redis and ruby write their title over theirs). Empty on macOS.
   */
  residentLimits(processes: readonly ProcessInfo[]): Promise<ReadonlyMap<number, number>>
  /** Who listens on TCP ports here: the listeners among `pids`, or all that can be seen. */
  listeners(pids?: readonly number[]): Promise<readonly Listener[]>
  /** Names the world in which pids and start times mean something: `BOOT NAMESPACE`, this run of the machine, this pid namespace. */
  readonly realm: string
}
