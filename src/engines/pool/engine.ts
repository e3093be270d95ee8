import type {DynoGroup} from '../../model/dyno-group.ts'
import type {DynoSize} from '../../model/dyno-size.ts'
import type {Host, PoolDyno} from '../../model/pool.ts'

/** A group that an engine was asked to run, as it remembers it. */
export type SubmittedGroup = {
  readonly app: string
  readonly type: string
  readonly release: number
  readonly slug: string
  readonly image: string
  readonly config: string
  readonly quantity: number
  readonly size: string
  readonly domains: readonly string[]
}

export type SubmitOptions = {
  /** Rejects with DEPLOY_CONFLICT when the engine runs a release newer than this one. */
  readonly fence: number
}

/** Why the dynos of a group did not come up: of the first one that failed. */
export type RolloutFailure = {
  readonly dyno: string
  readonly host: string | undefined
  readonly exitCode: number | undefined
  readonly message: string
  /** At most the last 50, both streams. */
  readonly lastLines: readonly string[]
}

export type Rollout = {readonly status: 'up'} | {readonly status: 'failed'; readonly failure: RolloutFailure}

/** A one-off dyno: the release command, or what `run` was given. */
export type OneOff = {
  readonly app: string
  /** `run.4711`, `release.12`; one with the same name is the same one. */
  readonly dyno: string
  readonly release: number
  readonly image: string
  readonly config: string
  /** A shell command line, or an exact argv. */
  readonly command: string | readonly string[]
  readonly size: DynoSize
  readonly stopMs: number
}

export type RunOnceOptions = {
  /** Gets every line, once. */
  readonly onLine: (line: PoolLogLine) => void
  /** Called at its end, before the engine forgets it: what is noted here is noted before the same dyno could run again. */
  readonly onEnd?: (end: OneOffEnd) => Promise<void>
  readonly signal?: AbortSignal
}

export type OneOffEnd = {readonly exitCode: number; readonly host: string | undefined; readonly message: string | undefined}

/** Work that every host does once, by a program of ours in a container with the rights of the host. */
export type HostJob = {
  /** The same name with the same content is the same job. */
  readonly name: string
  readonly image: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Files and folders of the host, seen at the same paths. */
  readonly paths: readonly string[]
}

export type HostJobResult = {readonly host: string; readonly isDone: boolean; readonly message: string}

export type PoolLogLine = {
  /** Milliseconds since the epoch, with a fraction. */
  readonly time: number
  readonly source: 'app' | 'heroku'
  readonly dyno: string
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export type LogOptions = {
  readonly follow: boolean
  /** Lines of each process type from the past; all when absent. */
  readonly lines?: number
  /** Seconds since the epoch. */
  readonly since?: number
  readonly types?: readonly string[]
  readonly signal?: AbortSignal
}

/**
 * What runs dynos on the hosts of a pool. Every engine passes test/pool/engine-conformance.ts. Calls reject with POOL_UNREACHABLE
 * or QUORUM_LOST; what is asked for twice is done once; nothing here knows of buckets, clouds or ledgers.
 */
export type PoolEngine = {
  hosts(): Promise<readonly Host[]>
  /** Its dynos move to other hosts, new first where routed to. Rejects with UNKNOWN_HOST. */
  drain(host: string): Promise<void>
  activate(host: string): Promise<void>
  /** Makes a worker one of those that decide. */
  promote(host: string): Promise<void>
  /** Forgets a host that is down for good. */
  forgetHost(host: string): Promise<void>

  /** Gives the engine the config vars that groups name by `hash`. They can never be read back. */
  storeConfig(app: string, hash: string, values: ReadonlyMap<string, string>): Promise<void>
  /** Forgets the config vars of an app but those of the hashes in `kept` and those that dynos have. */
  forgetConfigs(app: string, kept: readonly string[]): Promise<void>
  groups(app?: string): Promise<readonly SubmittedGroup[]>
  submit(group: DynoGroup, options: SubmitOptions): Promise<'created' | 'updated' | 'unchanged'>
  /** Resolves when all dynos of the group as submitted are up, or at the first failure; the engine then goes back by itself. */
  watch(group: DynoGroup, options: {readonly signal?: AbortSignal}): Promise<Rollout>
  /** Rejects with UNKNOWN_TYPE. */
  scale(app: string, type: string, quantity: number): Promise<void>
  /** New before old, for one type or all. */
  restart(app: string, type?: string): Promise<void>
  /** Changes what is routed where; no dyno restarts. */
  setDomains(app: string, domains: readonly string[]): Promise<void>
  dynos(app?: string): Promise<readonly PoolDyno[]>
  /** One type, or the whole app with its config. */
  remove(app: string, type?: string): Promise<void>

  /** Runs to its end. Rejects with AbortError, and ends the dyno, when `signal` says so. */
  runOnce(dyno: OneOff, options: RunOnceOptions): Promise<OneOffEnd>
  /** Resolves when every ready host has done it or failed. */
  runOnHosts(job: HostJob, options: {readonly timeoutMs: number; readonly signal?: AbortSignal}): Promise<readonly HostJobResult[]>

  /** Pulls an image to a manager: by its digest, where it has one, and with its layers. */
  pullImage(reference: string): Promise<{readonly reference: string; readonly layers: readonly string[]}>
  /** Keeps a job running on every manager, or on every host; the same job with other content takes its place. */
  keepOnHosts(job: HostJob, options: {readonly onlyManagers: boolean}): Promise<void>

  logs(app: string, options: LogOptions): AsyncIterable<PoolLogLine>
  /** One value whenever dynos, groups or hosts may have changed. Ends with `signal` or with the connection. */
  changes(options: {readonly signal: AbortSignal}): AsyncIterable<void>
}
