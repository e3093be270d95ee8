import {createHash, randomUUID} from 'node:crypto'
import {type IncomingMessage, type RequestListener, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {answer} from './api/answer.ts'
import {type ApiContext, ApiError, type ApiReply, type ApiRequest} from './api/api.ts'
import {LogSessions} from './log-sessions.ts'
import type {ServedApp} from './served-app.ts'

/** How long the last bytes of a connection may take to be read when the app stops. */
const endMs = 500
/** The largest body of a call. */
const maxBodyBytes = 1024 * 1024

/**
 * The API as a listener of a Node HTTP server, whatever that listens on. It checks nobody: whoever reaches it may do all that
 * the user may. When `closing` aborts, streams end with what they still have to tell.
 */
export function httpDoor(apps: readonly ServedApp[], closing: AbortSignal): RequestListener {
  const context: ApiContext = {apps, sessions: new LogSessions()}
  return (message, response) => {
    void serve(message, response, {context, closing})
  }
}

/** The calls of the same API that ask for another protocol, as a listener for `upgrade`. When `closing` aborts, their connections end. */
export function upgradeDoor(apps: readonly ServedApp[], closing: AbortSignal) {
  const context: ApiContext = {apps, sessions: new LogSessions()}
  return (message: IncomingMessage, connection: Duplex, head: Buffer) => {
    void serveUpgrade(message, connection, {head, context, closing})
  }
}

type Door = {readonly context: ApiContext; readonly closing: AbortSignal}

async function serve(message: IncomingMessage, response: ServerResponse, {context, closing}: Door): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  // A client that is gone is no news; without a listener it would be an uncaught error.
  for (const stream of [message, response]) stream.on('error', () => gone.abort())
  response.setHeader('Request-Id', randomUUID())
  if (closing.aborted) response.setHeader('Connection', 'close')
  try {
    await send(response, await answerMessage(message, AbortSignal.any([gone.signal, closing]), context), message)
  } catch {
    // The stream broke in the middle: the client sees that its end is missing.
    response.destroy()
  }
}

/** A call that asks for another protocol: it gets that, or an answer like any other call. */
async function serveUpgrade(
  message: IncomingMessage,
  connection: Duplex,
  {head, context, closing}: Door & {readonly head: Buffer},
): Promise<void> {
  const gone = new AbortController()
  connection.on('close', () => gone.abort())
  connection.on('error', () => gone.abort())
  const reply = await answerMessage(message, gone.signal, context)
  if (!('upgrade' in reply)) {
    const response = new ServerResponse(message)
    response.shouldKeepAlive = false
    response.assignSocket(connection as Socket)
    response.on('finish', () => connection.end())
    return send(response, reply, message)
  }
  connection.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${reply.upgrade.protocol}\r\n\r\n`)
  connection.unshift(head)
  if (closing.aborted) endSoon(connection)
  else reply.upgrade.begin(connection)
  closing.addEventListener('abort', () => endSoon(connection))
}

/** With what is still on its way, but not at the pace of a client that has stopped reading. */
function endSoon(connection: Duplex): void {
  connection.end(() => connection.destroy())
  const late = setTimeout(() => connection.destroy(), endMs)
  connection.on('close', () => clearTimeout(late))
}

async function answerMessage(message: IncomingMessage, signal: AbortSignal, context: ApiContext): Promise<ApiReply> {
  try {
    return await answer(await readRequest(message, signal), context)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return {status: error.status, headers: {Connection: 'close'}, body: {id: error.id, message: error.message}}
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
  if ('upgrade' in reply) response.setHeader('Upgrade', reply.upgrade.protocol)
  const text = JSON.stringify('body' in reply ? reply.body : {id: 'upgrade_required', message: `This speaks ${reply.upgrade.protocol}.`})
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
