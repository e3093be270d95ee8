import {setTimeout as wait} from 'node:timers/promises'
import {now} from '../../../model/event.ts'
import type {LogOptions, PoolLogLine} from '../engine.ts'
import {DockerApi, DockerError, type Manager} from './docker-api.ts'
import {type DynoContainer, LogCursor, readContainerLog, type SwarmLogLine} from './swarm-logs.ts'

/** Between two looks for new dynos, and before a host that broke off is asked again. */
const lookEveryMs = 500
const retryMs = 1_000
const answerMs = 30_000
/** Lines that wait for their reader before hosts are made to wait. */
const maxWaiting = 2_000
/** How far clocks of hosts may be apart. */
const skewSeconds = 2

export type ContainerLogOptions = {readonly tail?: number; readonly since?: number; readonly signal?: AbortSignal}

/**
 * Logs of dynos from the hosts they run on. Swarm has a call for the log of a service, but it stalls now and then and, followed, leaves
 * lines out (Docker 20.10, measured); the log of a container is whole, followed too.
 */
export class HostLogs {
  readonly #apis: ReadonlyMap<string, DockerApi>

  constructor(hosts: readonly Manager[]) {
    this.#apis = new Map(
      hosts.flatMap(host => (host.address === undefined ? [] : [[host.address, new DockerApi({managers: [host], leaderMs: 0})]])),
    )
  }

  /** The log of one dyno as it is now. None when the container is gone; rejects when its host does not answer. */
  async *read(container: DynoContainer, options: ContainerLogOptions = {}): AsyncGenerator<SwarmLogLine> {
    const timeout = AbortSignal.timeout(answerMs)
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
    yield* this.#stream(container, {...options, signal, follow: false})
  }

  /** The log of one dyno to its end, whatever breaks off in between. */
  async *follow(
    container: DynoContainer,
    {cursor, since, signal}: {readonly cursor: LogCursor; readonly since?: number; readonly signal?: AbortSignal},
  ): AsyncGenerator<SwarmLogLine> {
    while (!isAborted(signal)) {
      cursor.rewind(container.id)
      try {
        const options = {follow: true, ...(since === undefined ? {} : {since}), ...(signal === undefined ? {} : {signal})}
        for await (const line of this.#stream(container, options)) if (cursor.isNew(line)) yield line
        return
      } catch (error) {
        if (isAborted(signal)) return
        if (error instanceof DockerError) throw error
      }
      await wait(retryMs, undefined, signal === undefined ? {} : {signal}).catch(() => {})
    }
  }

  /** The newest lines of several dynos in order, then, if wanted, what comes, of new dynos too. */
  async *all(look: () => Promise<readonly DynoContainer[]>, {follow, lines, since, signal}: LogOptions): AsyncGenerator<PoolLogLine> {
    const cursor = new LogCursor()
    const past: PoolLogLine[] = []
    const began = now() / 1000
    const first = await look()
    await Promise.all(
      first.map(async container => {
        try {
          const options = {
            ...(lines === undefined ? {} : {tail: lines}),
            ...(since === undefined ? {} : {since}),
            ...(signal === undefined ? {} : {signal}),
          }
          for await (const line of this.read(container, options)) if (cursor.isNew(line)) past.push(line)
        } catch {
          past.push(missing(container))
        }
      }),
    )
    past.sort((one, other) => one.time - other.time)
    yield* lines === undefined ? past : past.slice(Math.max(0, past.length - lines))
    if (follow)
      yield* this.#followAll(look, {
        cursor,
        first,
        since: Math.max(since ?? 0, began - skewSeconds),
        ...(signal === undefined ? {} : {signal}),
      })
  }

  async *#followAll(
    look: () => Promise<readonly DynoContainer[]>,
    {
      cursor,
      first,
      since: began,
      signal,
    }: {readonly cursor: LogCursor; readonly first: readonly DynoContainer[]; readonly since: number; readonly signal?: AbortSignal},
  ): AsyncGenerator<PoolLogLine> {
    const stop = new AbortController()
    const stopping = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
    const waiting: PoolLogLine[] = []
    let wake = () => {}
    const start = async (container: DynoContainer, since?: number) => {
      try {
        for await (const line of this.follow(container, {cursor, signal: stopping, ...(since === undefined ? {} : {since})})) {
          waiting.push(line)
          wake()
          while (waiting.length >= maxWaiting && !stopping.aborted) await wait(20)
        }
      } catch {
        // The container is gone.
      }
    }
    const known = new Set<string>()
    const followers: Promise<void>[] = []
    // A dyno of the past is followed from where its log was read; one that is new from its beginning.
    for (const container of first) {
      known.add(container.id)
      followers.push(start(container, began))
    }
    const looking = (async () => {
      while (!stopping.aborted) {
        await wait(lookEveryMs, undefined, {signal: stopping}).catch(() => {})
        for (const container of await look().catch(() => [])) {
          if (known.has(container.id)) continue
          known.add(container.id)
          followers.push(start(container))
        }
      }
    })()
    try {
      while (!stopping.aborted) {
        yield* waiting.splice(0)
        if (waiting.length > 0 || stopping.aborted) continue
        await new Promise<void>(resolve => {
          wake = resolve
          stopping.addEventListener('abort', () => resolve(), {once: true})
        })
      }
    } finally {
      stop.abort()
      await Promise.all([looking, ...followers])
    }
  }

  async *#stream(
    {id, dyno, address}: DynoContainer,
    {tail, since, follow, signal}: ContainerLogOptions & {readonly follow: boolean},
  ): AsyncGenerator<SwarmLogLine> {
    const api = this.#apis.get(address)
    if (api === undefined) throw new Error(`There is no way to the host ${address}.`)
    const query = {
      stdout: '1',
      stderr: '1',
      timestamps: '1',
      ...(follow ? {follow: '1'} : {}),
      ...(tail === undefined ? {} : {tail: String(tail)}),
      ...(since === undefined ? {} : {since: String(Math.max(0, Math.floor(since)))}),
    }
    try {
      yield* readContainerLog(await api.stream(`/containers/${id}/logs`, {query, ...(signal === undefined ? {} : {signal})}), {id, dyno})
    } catch (error) {
      if (!(error instanceof DockerError && error.status === 404)) throw error
    }
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function missing({dyno, address}: DynoContainer): PoolLogLine {
  return {
    time: now(),
    source: 'heroku',
    dyno,
    stream: 'stderr',
    text: `The host ${address} does not answer: lines of this dyno are left out.`,
  }
}
