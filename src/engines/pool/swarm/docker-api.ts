import {type IncomingMessage, request} from 'node:http'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import type {Dial} from '../../../lib/dial.ts'
import {HomeportError} from '../../../model/error.ts'

/** The version of the Docker Engine API that is spoken: that of Docker 20.10, which later ones still answer. */
const version = 'v1.41'

/** What the engine answered instead of doing it. */
export class DockerError extends Error {
  readonly status: number
  constructor(call: string, status: number, text: string) {
    super(`${call}: ${status} ${text}`)
    this.status = status
  }

  /** Somebody changed it since it was read. */
  get isOutOfSequence(): boolean {
    return this.message.includes('update out of sequence')
  }

  /** The managers have no leader now: an election, or the loss of the quorum. */
  get isLeaderless(): boolean {
    return (
      this.status >= 500 &&
      /does not have a leader|no elected leader|leader.*(?:lost|changed)|deadline exceeded|context canceled/i.test(this.message)
    )
  }

  /** This host decides nothing: another is asked. */
  get isNoManager(): boolean {
    return this.status === 503 && /not a swarm manager|not part of a swarm/i.test(this.message)
  }

  get isNameTaken(): boolean {
    return this.status === 409 || this.message.includes('name conflicts with an existing object')
  }
}

/** A host that can be asked. `address`: by which the others know it; of a host without one no logs are read. */
export type Manager = {readonly name: string; readonly address?: string; readonly dial: Dial}

export type DockerApiOptions = {
  /** Tried one after the other; the one that answered last goes first. */
  readonly managers: readonly Manager[]
  /** For one answer. */
  readonly timeoutMs?: number
  /** How long an election of a leader is waited for. */
  readonly leaderMs?: number
}

export type Call = {
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** A tar, sent as it comes. */
  readonly upload?: Readable
  readonly signal?: AbortSignal
}

/**
 * The Docker Engine API of a swarm, through any of its managers. An answer below 500 is an answer; a manager that cannot be
 * reached or has no leader is passed over. Rejects with DockerError, POOL_UNREACHABLE or QUORUM_LOST.
 */
export class DockerApi {
  readonly #managers: Manager[]
  readonly #timeoutMs: number
  readonly #leaderMs: number

  constructor({managers, timeoutMs = 15_000, leaderMs = 20_000}: DockerApiOptions) {
    this.#managers = [...managers]
    this.#timeoutMs = timeoutMs
    this.#leaderMs = leaderMs
  }

  async get<T>(path: string, call: Call = {}): Promise<T> {
    return (await this.#json('GET', path, call)) as T
  }

  async post<T>(path: string, call: Call = {}): Promise<T> {
    return (await this.#json('POST', path, call)) as T
  }

  /** True when it was there. */
  async remove(path: string): Promise<boolean> {
    try {
      await this.#json('DELETE', path, {})
      return true
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return false
      throw error
    }
  }

  /** Sends a stream, or nothing, and resolves with the whole text of the answer. */
  async send(path: string, body: Readable | undefined): Promise<string> {
    return await this.#withManager(async manager => {
      const answer = await open(manager, 'POST', path, body === undefined ? {} : {upload: body}, this.#timeoutMs)
      return (await readAll(answer)).toString()
    })
  }

  /** An answer that goes on, such as events; ends when `signal` says so. */
  async stream(path: string, call: Call): Promise<Readable> {
    return await this.#withManager(manager => open(manager, 'GET', path, call, this.#timeoutMs))
  }

  async #json(method: string, path: string, call: Call): Promise<unknown> {
    return await this.#withManager(async manager => {
      const text = (await readAll(await open(manager, method, path, call, this.#timeoutMs))).toString()
      return text === '' ? null : JSON.parse(text)
    })
  }

  async #withManager<T>(ask: (manager: Manager) => Promise<T>): Promise<T> {
    const giveUpAt = Date.now() + this.#leaderMs
    for (;;) {
      let last: unknown
      // One that answers knows more than those that do not: without a majority most are gone.
      let leaderless: DockerError | undefined
      for (const manager of [...this.#managers]) {
        try {
          const answer = await ask(manager)
          this.#prefer(manager)
          return answer
        } catch (error) {
          if (error instanceof DockerError && !error.isLeaderless && !error.isNoManager) throw error
          if (error instanceof Error && error.name === 'AbortError') throw error
          if (error instanceof DockerError && error.isLeaderless) leaderless = error
          last = error
        }
      }
      if (leaderless === undefined) throw unreachable(this.#managers, last)
      if (Date.now() > giveUpAt) throw quorumLost(leaderless)
      await new Promise(resolve => setTimeout(resolve, 500))
    }
  }

  #prefer(manager: Manager): void {
    if (this.#managers[0] === manager) return
    this.#managers.splice(this.#managers.indexOf(manager), 1)
    this.#managers.unshift(manager)
  }
}

function open(
  {dial}: Manager,
  method: string,
  path: string,
  {query = {}, body, upload, signal}: Call,
  timeoutMs: number,
): Promise<IncomingMessage> {
  const search = new URLSearchParams(query).toString()
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    host: 'docker',
    ...(upload === undefined ? {} : {'content-type': 'application/x-tar'}),
    ...(text === undefined ? {} : {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}),
  }
  return new Promise((resolve, reject) => {
    const asked = request({
      method,
      path: `/${version}${path}${search === '' ? '' : `?${search}`}`,
      headers,
      createConnection: dial,
      ...(signal === undefined ? {} : {signal}),
    })
    const timer = setTimeout(() => asked.destroy(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs)
    asked.on('response', response => {
      clearTimeout(timer)
      // Who reads it is told; before and after that nobody need be.
      response.on('error', () => {})
      const {statusCode = 500} = response
      if (statusCode < 300) resolve(response)
      else
        readAll(response).then(
          said => reject(new DockerError(`${method} ${path}`, statusCode, messageOf(said.toString()))),
          error => reject(error),
        )
    })
    asked.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    if (upload === undefined) asked.end(text)
    else pipeline(upload, asked).catch(error => asked.destroy(error))
  })
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function messageOf(text: string): string {
  try {
    const {message} = JSON.parse(text) as {message?: unknown}
    return typeof message === 'string' ? message : text
  } catch {
    return text.trim()
  }
}

function unreachable(managers: readonly Manager[], cause: unknown): HomeportError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new HomeportError('POOL_UNREACHABLE', `No manager of the pool answers (${managers.map(({name}) => name).join(', ')}): ${reason}`, {
    hint: 'What runs goes on running. Look with `homeport pool:info NAME`, or try again.',
    cause,
  })
}

function quorumLost(cause: DockerError): HomeportError {
  return new HomeportError('QUORUM_LOST', 'The managers of the pool have no majority: nothing can be changed. What runs goes on running.', {
    hint: 'Start the managers that are down again. If they are lost for good, run `docker swarm init --force-new-cluster` on one that is left, then `homeport pool:create NAME` again.',
    cause,
  })
}
