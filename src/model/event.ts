/** States of a dyno, in the platform's words (platform.md c.1). */
export type DynoState = 'created' | 'starting' | 'up' | 'down' | 'crashed' | 'complete' | 'idle'

/** Where a line comes from: the app's own output, or the platform (`heroku[web.1]`, `heroku[router]`). */
export type Source = 'app' | 'heroku'
export type Stream = 'stdout' | 'stderr'

/**
 * Output as it travels inside Homeport: a block of whole lines, each ended by `\n`, from one stream of one dyno.
 * Blocks, not lines, since a chatty dyno writes millions; renderers cut them. `time` is milliseconds since the epoch,
 * with a fraction. `lines` may be kept by a listener: nobody writes into it again.
 */
export type OutputEvent = {
  readonly type: 'output'
  readonly time: number
  readonly source: Source
  /** `web.1`, or `router`, `api` for source heroku. */
  readonly dyno: string
  readonly stream: Stream
  readonly lines: Buffer
  /** `lines` is the beginning of a line that is not finished yet, without `\n`; the whole line follows later. */
  readonly partial?: boolean
  /** The last line of a stream that ended without `\n`: the `\n` in `lines` is ours (`raw` leaves it out). */
  readonly unterminated?: boolean
  /**
   * The bytes as the dyno wrote them, where `lines` is not exactly that: an unterminated line, or a part of a line over
   * 64 KiB with its marks. `--log-format raw` writes `raw ?? lines`.
   */
  readonly raw?: Buffer
}

export type StateEvent = {
  readonly type: 'state'
  readonly time: number
  readonly dyno: string
  readonly from: DynoState
  readonly to: DynoState
  readonly reason?: string
  readonly pid?: number
  readonly port?: number
  readonly exitCode?: number
  readonly signal?: string
  readonly isolation?: string
}

/** One request through the router, after its end; `line` is the router's log line (platform.md b.9) without its time and source. */
export type RequestEvent = {
  readonly type: 'request'
  readonly time: number
  readonly code?: string
  readonly method: string
  readonly path: string
  readonly host: string
  readonly requestId: string
  readonly fwd: string
  readonly dyno: string
  readonly connectMs?: number
  readonly serviceMs?: number
  readonly status?: number
  readonly bytes?: number
  readonly protocol: string
  readonly line: string
}

/** Every dyno of the formation is up or complete, and the router listens. */
export type ReadyEvent = {
  readonly type: 'ready'
  readonly time: number
  readonly url?: string
  /** With `--tls`. */
  readonly httpsUrl?: string
  readonly app: string
  readonly pid: number
}

export type StepEvent = {
  readonly type: 'step'
  readonly time: number
  readonly name: string
  readonly status: 'started' | 'done' | 'failed' | 'skipped'
  readonly detail?: string
}

export type ReleaseEvent = {
  readonly type: 'release'
  readonly time: number
  readonly version: number
  readonly description: string
  readonly slug: string
  readonly status: 'pending' | 'succeeded' | 'failed'
}

export type StoppedEvent = {readonly type: 'stopped'; readonly time: number; readonly exitCode: number; readonly left: number}

/** Everything that happens (cli.md section 3; `output` becomes its `line` events). Printing, logs and metrics only listen. */
export type PlatformEvent = OutputEvent | StateEvent | RequestEvent | ReadyEvent | StepEvent | ReleaseEvent | StoppedEvent

/** Tells what happened. Never throws, never waits. */
export type Emit = (event: PlatformEvent) => void

/**
 * Whether who takes the events keeps up. A dyno that finds the gate congested after an event stops reading its output, so
 * that the dyno itself must wait, until `whenClear` resolves; it never rejects.
 */
export type Gate = {readonly isCongested: boolean; whenClear(): Promise<void>}

/** A line of the platform's own about a dyno, such as `State changed from starting to up`. */
export function platformLine(dyno: string, text: string, time: number): OutputEvent {
  return {type: 'output', time, source: 'heroku', dyno, stream: 'stdout', lines: Buffer.from(`${text}\n`)}
}

/** Milliseconds since the epoch, with microseconds as fraction. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** RFC 3339 in UTC with microseconds: `2026-11-25T03:04:05.123456Z`. */
export function renderTime(time: number): string {
  const micros = Math.round(time * 1000)
  const iso = new Date(Math.floor(micros / 1000)).toISOString()
  return `${iso.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`
}
