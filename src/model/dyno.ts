import type {DynoSize} from './dyno-size.ts'
import type {DynoState} from './event.ts'

/** The plan for one process: everything that starting it needs, decided beforehand. */
export type DynoSpec = {
  /** `web.1`, `run.4711` */
  readonly name: string
  readonly type: string
  /** A shell command line, or an exact argv for `run CMD ARG…`. */
  readonly command: string | readonly string[]
  /** The port the dyno should listen on; every dyno of a formation has one. */
  readonly port?: number
  /** The whole environment of the dyno, nothing else is added but what its isolation needs. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute path of the working directory, outside of any sandbox. */
  readonly cwd: string
  /**
   * Absolute path of a slug's checkout, read-only and shared by all its dynos: the dyno gets it as its own /app, as the platform
   * does (platform.md c.2), and `cwd` is not used. Absent for a dyno that runs in the app's folder.
   */
  readonly slugFolder?: string
  /** Memory quota and process limit; absent: none. */
  readonly size?: DynoSize
  /** It has a terminal of its own and keeps it (job control, Ctrl-C); the others are cut off from any terminal. */
  readonly hasTerminal?: boolean
}

/** What is started for a DynoSpec: pure data, made by an isolation tier. */
export type CommandLine = {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** How a dyno ended. Exactly one of `exitCode` and `signal` is set, unless it never started (`error`). */
export type DynoEnd = {
  readonly exitCode?: number
  readonly signal?: NodeJS.Signals
  readonly error?: Error
  readonly livedMs: number
  /** At most the last 50 lines of its output, both streams, in the order in which they came. */
  readonly lastLines: readonly string[]
  /** Processes that outlived the dyno's own one and had to be killed, since a dyno ends as a whole. */
  readonly leftovers?: number
}

/** A dyno as `ps` shows it (cli.md section 4). */
export type DynoStatus = {
  readonly dyno: string
  readonly type: string
  readonly state: DynoState
  /** RFC 3339 */
  readonly since: string
  readonly pid: number | null
  readonly port: number | null
  readonly memoryBytes: number | null
  readonly isolation: string
  readonly command: string
  readonly restarts: number
}

/** The exit code of a dyno as a shell would give it: N as N, death by signal S as 128 + S. */
export function exitCodeOf(end: Pick<DynoEnd, 'exitCode' | 'signal'>, signalNumbers: Readonly<Record<string, number>>): number {
  if (end.signal !== undefined) return 128 + (signalNumbers[end.signal] ?? 0)
  return end.exitCode ?? 1
}

/** Label of a folder or type in host names (cli.md section 2, Names): lower case, other characters as one `-`, at most 40, `app` when empty. */
export function hostLabel(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return label === '' ? 'app' : label
}

/** Name of the variable that tells a dyno where another type answers: `HOMEPORT_URL_WEB_API`. */
export function urlVariable(type: string): string {
  return `HOMEPORT_URL_${type.toUpperCase().replaceAll('-', '_')}`
}
