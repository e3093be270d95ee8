import {get} from 'node:http'
import {setTimeout as wait} from 'node:timers/promises'
import type {PoolEngine} from '../../../src/engines/pool/engine.ts'
import type {PoolBackend} from '../../../src/model/route-table.ts'
import {planRoutes, rememberPorts} from '../../../src/model/route-table.ts'

export type LoadResult = {
  readonly ok: number
  readonly failed: number
  readonly retried: number
  readonly answers: ReadonlyMap<string, number>
}

/** GETs one path; rejects unless it is answered 200. */
export function fetchText(address: string, port: number, path = '/', timeoutMs = 2000): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get({host: address, port, path, timeout: timeoutMs, agent: false}, response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(body.trim()) : reject(new Error(`${response.statusCode} ${body}`))))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('timeout')))
  })
}

/**
 * Users of an app: a request every 20 ms to one dyno after the other, one retry on another dyno allowed, as the router does; an
 * address that failed rests for 2 s. The dynos are those of the engine's route table, looked at 5 times a second.
 */
export class Load {
  #backends: readonly PoolBackend[] = []
  #ports: ReadonlyMap<string, number> = new Map()
  readonly #resting = new Map<string, number>()
  readonly #stop = new AbortController()
  readonly #loops: readonly Promise<void>[]
  #counts = {ok: 0, failed: 0, retried: 0, answers: new Map<string, number>()}

  constructor(engine: PoolEngine, app: string) {
    this.#loops = [this.#look(engine, app), this.#ask()]
  }

  get backends(): readonly PoolBackend[] {
    return this.#backends
  }

  /** What happened since the last time. */
  take(): LoadResult {
    const counts = this.#counts
    this.#counts = {ok: 0, failed: 0, retried: 0, answers: new Map()}
    return counts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
  }

  async #look(engine: PoolEngine, app: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const dynos = await engine.dynos(app)
        this.#ports = rememberPorts(dynos, this.#ports)
        this.#backends = planRoutes([{app, domains: []}], dynos, this.#ports)[0]?.backends ?? []
      } catch {
        // No manager answers: what was known is used on.
      }
      await wait(200)
    }
  }

  async #ask(): Promise<void> {
    const asked = new Set<Promise<void>>()
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      await wait(20)
      const request = this.#askOnce(turn).finally(() => asked.delete(request))
      asked.add(request)
    }
    await Promise.all(asked)
  }

  async #askOnce(turn: number): Promise<void> {
    const awake = this.#backends.filter(backend => (this.#resting.get(backend.id) ?? 0) < Date.now())
    if (awake.length === 0) return
    for (let attempt = 0; attempt < 2; attempt++) {
      const backend = awake[(turn + attempt) % awake.length]
      if (backend === undefined) break
      try {
        const answer = await fetchText(backend.address, backend.port)
        this.#counts.ok++
        const [release = ''] = answer.split(' ')
        this.#counts.answers.set(release, (this.#counts.answers.get(release) ?? 0) + 1)
        return
      } catch {
        this.#resting.set(backend.id, Date.now() + 2000)
        this.#counts.retried++
      }
    }
    this.#counts.failed++
  }
}
