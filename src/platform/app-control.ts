import type {CommandLine, DynoStatus} from '../model/dyno.ts'
import type {Formation, FormationChange} from '../model/formation.ts'
import type {SharedTerminal} from '../model/terminal.ts'

/** What can be done to a running app while it runs: the surface that control's API serves, and nothing more. */
export type AppControl = {
  readonly name: string
  /** Absolute real path of the app's folder. */
  readonly root: string
  readonly pid: number
  /** RFC 3339 */
  readonly startedAt: string
  /** The router's address, `http://localhost:5006`; absent with `--no-router`. */
  readonly url?: string
  /** The same by HTTPS; absent without `--tls`. */
  readonly httpsUrl?: string
  dynos(): Promise<readonly DynoStatus[]>
  formation(): Formation
  /** Rejects with UNKNOWN_TYPE. */
  scale(changes: readonly FormationChange[]): Promise<Formation>
  /** A dyno's name, a type, or all when absent. Rejects with UNKNOWN_DYNO. */
  restart(target?: string): Promise<void>
  stopDynos(target: string): Promise<void>
  configVars(): Readonly<Record<string, string>>
  isInMaintenance(): boolean
  setMaintenance(on: boolean): void
  features(): Readonly<Record<string, boolean>>
  /** Rejects with USAGE for a feature that does not exist; the one that does is `http-session-affinity`. */
  setFeature(name: string, enabled: boolean): void
  /**
   * What to start for `ps:exec`: a command line for the shell, or an exact argv, inside that dyno's environment and isolation;
   * `env` is added, such as the TERM of who asks. Rejects with UNKNOWN_DYNO.
   */
  execIn?(dyno: string, command: string | readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandLine>
  /** Resolves when the process that fills the dyno now has ended or is about to be stopped: who is inside should leave. */
  whenDynoCloses?(dyno: string): Promise<void>
  /** The terminal of a dyno that was started with `--tty`; a type means its first dyno. Throws UNKNOWN_DYNO, and USAGE when it has none. */
  terminal?(dyno: string): SharedTerminal
  /** Begins the orderly stop, as Ctrl-C does; resolves when the app is down. */
  stop(): Promise<void>
}
