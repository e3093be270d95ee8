import {createHash, randomUUID} from 'node:crypto'
import {chmodSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {answer} from './api/answer.ts'
import {type ApiContext, ApiError, type ApiReply, type ApiRequest} from './api/api.ts'
import {LogSessions} from './log-sessions.ts'
import type {ServedApp} from './served-app.ts'

/** The largest body of a call. */
const maxBodyBytes = 1024 * 1024
const maxConnections = 1_000
/** How long a call that is being answered may go on when the server closes. */
const closeMs = 1_000

/** The API of running apps over HTTP, until closed. Who may connect is the business of whoever makes it listen. */
export class ControlServer {
  readonly #server: Server
  readonly #context: ApiContext
  readonly #closing = new AbortController()

  constructor(apps: readonly ServedApp[]) {
    this.#context = {apps, sessions: new LogSessions()}
    this.#server = createServer({headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000}, (message, response) => {
      void this.#serve(message, response)
    })
    this.#server.maxConnections = maxConnections
    // A connection that could not be accepted (no descriptor left) is the client's bad luck, not our end.
    this.#server.on('error', () => {})
  }

  /** Listens on a unix socket that only this user may open; `path` lies in a private folder (see placeSocket). What lay there is replaced. */
  async listen(path: string): Promise<void> {
    rmSync(path, {force: true})
    await this.#listen({path})
    chmodSync(path, 0o600)
  }

  /** Listens on a port of this machine alone, for browsers and other clients; gives the port. Every user of the machine can reach it. */
  async listenOnPort(port = 0): Promise<number> {
    await this.#listen({port, host: '127.0.0.1'})
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /** Ends all streams with what they still have to tell, waits a moment for calls that are being answered, and is gone. */
  async close(): Promise<void> {
    this.#closing.abort()
    if (!this.#server.listening) return
    const limit = setTimeout(() => this.#server.closeAllConnections(), closeMs)
    // A connection that is kept for the next call is idle only once its answer is out.
    const idle = setInterval(() => this.#server.closeIdleConnections(), 10)
    await new Promise(resolve => this.#server.close(resolve))
    clearInterval(idle)
    clearTimeout(limit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #listen(where: {readonly path: string} | {readonly port: number; readonly host: string}): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(where, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    // A client that is gone is no news; without a listener it would be an uncaught error.
    for (const stream of [message, response]) stream.on('error', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, this.#closing.signal])
    response.setHeader('Request-Id', randomUUID())
    if (this.#closing.signal.aborted) response.setHeader('Connection', 'close')
    try {
      await send(response, await this.#answer(message, signal), message)
    } catch {
      // The stream broke in the middle: the client sees that its end is missing.
      response.destroy()
    }
  }

  async #answer(message: IncomingMessage, signal: AbortSignal): Promise<ApiReply> {
    try {
      return await answer(await readRequest(message, signal), this.#context)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return {status: error.status, headers: {Connection: 'close'}, body: {id: error.id, message: error.message}}
    }
  }
}

async function readRequest(message: IncomingMessage, signal: AbortSignal): Promise<ApiRequest> {
  const [path = '/', query = ''] = (message.url ?? '/').split('?', 2)
  const body = await readBody(message)
  return {
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    ...(body === undefined ? {} : {body}),
    origin: `http://${message.headers.host ?? 'localhost'}`,
    signal,
  }
}

async function readBody(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new ApiError(413, 'payload_too_large', `A body may have ${maxBodyBytes} bytes.`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'bad_request', 'The body is no JSON.')
  }
}

async function send(response: ServerResponse, reply: ApiReply, message: IncomingMessage): Promise<void> {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  if ('stream' in reply) return sendStream(response, reply)
  const text = JSON.stringify(reply.body)
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`
  const isOurs = message.url?.startsWith('/homeport/') ?? false
  response.setHeader('Content-Type', isOurs ? 'application/json' : 'application/vnd.heroku+json; version=3')
  response.setHeader('RateLimit-Remaining', '4500')
  if (message.method === 'GET' && reply.status === 200) {
    response.setHeader('ETag', etag)
    if (message.headers['if-none-match'] === etag) {
      response.writeHead(304).end()
      return
    }
  }
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.writeHead(reply.status).end(text)
}

/** Writes no faster than the client reads. */
async function sendStream(response: ServerResponse, {status, stream}: ApiReply & {readonly stream: AsyncIterable<string | Buffer>}) {
  response.writeHead(status)
  response.flushHeaders()
  for await (const chunk of stream) {
    if (response.destroyed) return
    if (!response.write(chunk)) await whenDrained(response)
  }
  response.end()
}

function whenDrained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
