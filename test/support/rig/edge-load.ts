import {get} from 'node:http'
import {setTimeout as wait} from 'node:timers/promises'

export type Answer = {readonly status: number; readonly body: string}

/** One request to the router of an edge host. */
export function askEdge(address: string, host: string, path = '/', timeoutMs = 2500): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = get({host: address, path, headers: {host}, agent: false, timeout: timeoutMs}, response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => resolve({status: response.statusCode ?? 0, body: body.trim()}))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('timeout')))
  })
}

export type EdgeResult = {readonly ok: number; readonly retried: number; readonly failures: readonly string[]}

/**
 * Users behind a balancer: a request every 20 ms to one edge host after the other. One retry, on the next one, is allowed; an edge host
 * that could not be reached is left out for 2 s.
 */
export class EdgeLoad {
  readonly #host: string
  readonly #addresses: () => readonly string[]
  readonly #resting = new Map<string, number>()
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #result = {ok: 0, retried: 0, failures: [] as string[]}

  constructor(host: string, addresses: () => readonly string[]) {
    this.#host = host
    this.#addresses = addresses
    this.#loop = this.#run()
  }

  /** What happened since the last time. */
  take(): EdgeResult {
    const result = this.#result
    this.#result = {ok: 0, retried: 0, failures: []}
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    const asked = new Set<Promise<void>>()
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      await wait(20)
      const request = this.#ask(turn).finally(() => asked.delete(request))
      asked.add(request)
    }
    await Promise.all(asked)
  }

  async #ask(turn: number): Promise<void> {
    const awake = this.#addresses().filter(address => (this.#resting.get(address) ?? 0) < Date.now())
    let reason = 'no edge host'
    for (let attempt = 0; attempt < Math.min(2, awake.length); attempt++) {
      const address = awake[(turn + attempt) % awake.length] ?? ''
      try {
        const {status, body} = await askEdge(address, this.#host)
        if (status === 200) {
          this.#result.ok++
          return
        }
        reason = `${address}: ${status} ${body.slice(0, 80)}`
      } catch (error) {
        reason = `${address}: ${error}`
        this.#resting.set(address, Date.now() + 2000)
      }
      this.#result.retried++
    }
    this.#result.failures.push(`${new Date().toISOString().slice(14, 23)} ${reason}`)
  }
}
