import type {ProcessInfo} from '../../lib/process-table/process-table.ts'
import type {CommandLine, DynoEnd, DynoSpec} from '../../model/dyno.ts'
import {type Emit, type Gate, now} from '../../model/event.ts'
import type {Limits} from '../../model/limits.ts'
import {DynoOutput} from './dyno-output.ts'
import {closePipes} from './dyno-pipes.ts'
import {DynoProcesses} from './dyno-processes.ts'
import {endProcesses} from './end-processes.ts'
import {type Launch, type Launched, launch, missingProgram} from './launch.ts'
import {markerVariable} from './mark.ts'
import type {Scan} from './process-scanner.ts'
import type {Session} from './session.ts'

/** Reads what a dyno writes, until it is over or given up. */
export type OutputReader = Pick<DynoOutput, 'ended' | 'endsWithin' | 'abandon' | 'lastLines'>

export type DynoOptions = {
  readonly session: Session
  readonly emit: Emit
  readonly gate: Gate
  readonly limits: Pick<Limits, 'drainMs'>
  /** `open` (default): a pipe that never delivers and never ends. `null`: /dev/null, for the dynos of a slug. */
  readonly stdin?: 'open' | 'null'
  /** How its first process is started: by default with pipes for its output. */
  readonly launch?: Launch
  /** Who reads what it writes: by default DynoOutput, which tells it in lines. `processes` are those of the dyno at that moment. */
  readonly readOutput?: (streams: Launched['streams'], processes: () => Promise<readonly ProcessInfo[]>) => OutputReader
  /** Processes of the isolation itself, which SIGTERM must not reach: bwrap would take the app along at once (findings 2.3). */
  readonly isSpared?: (process: ProcessInfo) => boolean
}

/** Whoever closes its end of the streams because it ends needs a moment to be gone. */
const endingMs = 100

/**
 * One dyno: a process with all that comes of it, daemons and double forks too. It ends as a whole: when its own process has
 * ended and its output is read to the end (or for `limits.drainMs`, when another one holds it), whatever is left is killed,
 * what it still wrote is read, and only then `ended` resolves. Emits `output` events in blocks of whole lines.
 */
export class Dyno {
  readonly spec: DynoSpec
  /** Resolves once, when nothing is left of the dyno; never rejects. A dyno that never started has `error`, or exit code 126 or 127. */
  readonly ended: Promise<DynoEnd>
  /** Resolves when its own process has ended; its output and its other processes may still be there. */
  readonly exited: Promise<void>
  /** Resolves when somebody begins to stop it, or when its own process has ended: who is inside (`ps:exec`) should leave. */
  readonly closing: Promise<void>
  readonly #commandLine: CommandLine
  readonly #options: DynoOptions
  readonly #marker: string
  readonly #processes: DynoProcesses
  #pid: number | undefined
  #stop: Promise<unknown> | undefined
  #isCancelled = false
  #resolveEnded: (end: DynoEnd) => void = () => undefined
  #resolveExited: () => void = () => undefined
  #resolveClosing: () => void = () => undefined

  constructor(commandLine: CommandLine, spec: DynoSpec, options: DynoOptions) {
    this.spec = spec
    this.#commandLine = commandLine
    this.#options = options
    this.#marker = options.session.newMarker()
    this.#processes = new DynoProcesses(this.#marker, options.session.scanner.table)
    this.ended = new Promise(resolve => {
      this.#resolveEnded = resolve
    })
    this.exited = new Promise(resolve => {
      this.#resolveExited = resolve
    })
    this.closing = new Promise(resolve => {
      this.#resolveClosing = resolve
    })
    void this.exited.then(this.#resolveClosing)
  }

  /** The pid of its own process, once that runs. */
  get pid(): number | undefined {
    return this.#pid
  }

  /** Its whole environment, with the mark: whatever is started with it (`ps:exec`) belongs to the dyno and ends with it. */
  get environment(): Readonly<Record<string, string>> {
    return {...this.#commandLine.env, [markerVariable]: this.#marker}
  }

  /** To be called once. Resolves when its process runs, or when it is clear that it will not; `ended` says why. */
  async start(): Promise<void> {
    const {session, stdin, launch: start = launch} = this.#options
    const missing = missingProgram(this.#commandLine)
    if (missing !== undefined) {
      this.#complain(missing.text)
      return this.#neverRan({exitCode: missing.exitCode, lastLines: [missing.text]})
    }
    const pipes = await session.takePipes()
    if (this.#isCancelled) {
      if (pipes !== undefined) closePipes(pipes)
      return this.#neverRan({signal: 'SIGTERM', lastLines: []})
    }
    try {
      const options = {
        marker: this.#marker,
        prlimit: session.prlimit,
        pipes,
        stdin: stdin === 'null' ? 'ignore' : session.silentStdin,
      } as const
      void this.#live(await start(this.#commandLine, options)).then(this.#resolveEnded)
    } catch (error) {
      this.#neverRan({error: error as Error, lastLines: []})
    }
  }

  /** The processes of this dyno in a scan, its own and all that came of it; zombies left out. */
  find(scan: Scan): readonly ProcessInfo[] {
    return this.#processes.find(scan)
  }

  /** The processes of this dyno now. */
  async processes(): Promise<readonly ProcessInfo[]> {
    return this.find(await this.#options.session.scanner.scan())
  }

  /** Whether SIGTERM must not reach a process, since it belongs to the isolation and not to the app. */
  isSpared(process: ProcessInfo): boolean {
    return this.#options.isSpared?.(process) ?? false
  }

  /** Until `stop` is settled, whoever outlives the dyno's own process is left to it. A dyno that is not running yet never will. */
  leaveTo(stop: Promise<unknown>): void {
    this.#isCancelled = true
    this.#stop = stop
    this.#resolveClosing()
    const release = () => {
      if (this.#stop === stop) this.#stop = undefined
    }
    stop.then(release, release)
  }

  async #live({pid, streams, exited}: Launched): Promise<DynoEnd> {
    const {session, limits} = this.#options
    const startedAt = performance.now()
    const {readOutput = () => new DynoOutput(this.spec.name, streams, this.#options)} = this.#options
    const output = readOutput(streams, () => this.processes())
    this.#pid = pid
    this.#processes.begin(pid)
    const isRecorded = session.recordDyno(pid)
    const exit = await exited
    const livedMs = performance.now() - startedAt
    this.#processes.firstEnded()
    this.#resolveExited()
    await output.endsWithin(limits.drainMs)
    while (this.#stop !== undefined) await this.#stop.catch(() => undefined)
    const {killed} = await endProcesses(() => this.processes(), {patienceMs: endingMs})
    if (!(await output.endsWithin(limits.drainMs))) output.abandon()
    await output.ended
    await isRecorded
    session.forgetDyno(pid)
    return {...exit, livedMs, lastLines: output.lastLines(), ...(killed > 0 && {leftovers: killed})}
  }

  #neverRan(end: Omit<DynoEnd, 'livedMs'>): void {
    this.#resolveExited()
    this.#resolveEnded({...end, livedMs: 0})
  }

  /** What a shell would have said in its place. */
  #complain(text: string): void {
    this.#options.emit({
      type: 'output',
      time: now(),
      source: 'app',
      dyno: this.spec.name,
      stream: 'stderr',
      lines: Buffer.from(`${text}\n`),
    })
  }
}
