import {createHash, randomUUID} from 'node:crypto'
import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import {answer} from './api/answer.ts'
import {type ApiContext, ApiError, type ApiReply, type ApiRequest} from './api/api.ts'
import {LogSessions} from './log-sessions.ts'
import type {ServedApp} from './served-app.ts'

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
