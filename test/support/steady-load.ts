import {Agent, request} from 'node:http'
import {connect} from 'node:net'

/** 20,000 bytes, in two pieces. */
const half = Buffer.alloc(10_000, 'a')
const everyMs = 5
const upgradeEvery = 10

/**
 * A steady stream of requests, whatever becomes of them: by turns GET and POST, each on kept connections and on new ones, and now and
 * then an upgrade with an echo. The app answers `ok SIZE` and echoes. What goes wrong is kept, in words.
 */
export class SteadyLoad {
  readonly failures: string[] = []
  /** Answers that were right, by kind. */
  readonly answered = new Map<string, number>()
  readonly #port: number
  readonly #agent = new Agent({keepAlive: true, maxSockets: 32})
  readonly #timer: NodeJS.Timeout
  readonly #underWay = new Set<Promise<void>>()
  #count = 0

  constructor(port: number) {
    this.#port = port
    this.#timer = setInterval(() => this.#next(), everyMs)
  }

  /** No further request; waits for those under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#underWay)
    this.#agent.destroy()
  }

  #next(): void {
    const turn = this.#count++
    const method = turn % 2 === 0 ? 'GET' : 'POST'
    this.#follow(`${method} ${turn % 4 < 2 ? 'kept' : 'new'}`, kind => this.#ask(method, kind.endsWith('kept')))
    if (turn % upgradeEvery === 0) this.#follow('upgrade', () => this.#upgrade())
  }

  #follow(kind: string, ask: (kind: string) => Promise<string | undefined>): void {
    const done = ask(kind)
      .catch((error: unknown) => String(error))
      .then(failure => {
        if (failure === undefined) this.answered.set(kind, (this.answered.get(kind) ?? 0) + 1)
        else this.failures.push(`${kind}: ${failure}`)
        this.#underWay.delete(done)
      })
    this.#underWay.add(done)
  }

  #ask(method: string, isKept: boolean): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const agent = isKept ? this.#agent : new Agent()
      const asked = request({port: this.#port, host: '127.0.0.1', method, agent}, response => {
        let text = ''
        response.on('data', chunk => (text += chunk))
        response.on('error', reject)
        const expected = method === 'POST' ? 'ok 20000' : 'ok 0'
        response.on('end', () => resolve(response.statusCode === 200 && text === expected ? undefined : `${response.statusCode} ${text}`))
      })
      asked.on('error', reject)
      if (method === 'GET') asked.end()
      else asked.write(half, () => asked.end(half))
    })
  }

  #upgrade(): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, '127.0.0.1')
      let text = ''
      socket.on('error', reject)
      socket.on('close', () => resolve(text.endsWith('\r\n\r\nhello') ? undefined : `closed after ${JSON.stringify(text)}`))
      socket.on('data', bytes => {
        text += bytes
        if (text.endsWith('hello')) socket.end()
        else if (/^HTTP\/1\.1 101 .*\r\n\r\n$/s.test(text)) socket.write('hello')
      })
      socket.write('GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
    })
  }
}
