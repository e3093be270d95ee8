import type {Socket} from 'node:net'
import type {RunningEntry} from '../engines/registry/running-entry.ts'
import {callOverSocket, type HttpAnswer} from '../lib/socket-http.ts'
import {type ErrorCode, errorClasses, HomeportError} from '../model/error.ts'

export type Callee = Pick<RunningEntry, 'name' | 'pid' | 'socket'>

export type ControlCall = {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** `/homeport/apps`, or a path of the Platform API. */
  readonly path: string
  readonly body?: unknown
  /** Give up when the answer takes longer. Without it, a call may take as long as what it does. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** How long a question may take to be answered. */
export const readTimeoutMs = 5_000

const accept = 'application/vnd.heroku+json; version=3'

/** Calls the API of a running app and gives the JSON of its answer; what the app says is wrong is thrown as it threw it. */
export async function callControl<T>(app: Callee, call: ControlCall): Promise<T> {
  const answer = await open(app, call)
  const text = await readAll(answer.body, app)
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  if (answer.status >= 400) throw errorOf(answer.status, body)
  return body as T
}

/** The objects of a stream, one a line, until it ends or the caller breaks off. */
export async function* streamControl(app: Callee, call: ControlCall): AsyncGenerator<Record<string, unknown>> {
  const answer = await open(app, call)
  if (answer.status >= 400) throw errorOf(answer.status, JSON.parse(await readAll(answer.body, app)))
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of answer.body) {
    const lines = (rest + decoder.decode(chunk, {stream: true})).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line)
  }
}

/** A connection to an app that speaks another protocol from now on. */
export type UpgradedConnection = {
  /** What comes from the app, to the end. */
  readonly received: AsyncIterable<Buffer>
  readonly connection: Socket
}

/** Calls the API of a running app for a connection with bytes both ways; what the app says is wrong is thrown as it threw it. */
export async function upgradeControl(app: Callee, path: string, protocol: string): Promise<UpgradedConnection> {
  const {status, body, connection} = await open(app, {path}, {Connection: 'Upgrade', Upgrade: protocol})
  if (status === 101) return {received: body, connection}
  throw errorOf(status, JSON.parse(await readAll(body, app)))
}

async function open(app: Callee, {method = 'GET', path, body, timeoutMs, signal}: ControlCall, headers = {}): Promise<HttpAnswer> {
  try {
    return await callOverSocket(app.socket, {
      method,
      target: path,
      headers: {Accept: accept, ...headers},
      ...(body === undefined ? {} : {body: JSON.stringify(body)}),
      ...(timeoutMs === undefined ? {} : {timeoutMs}),
      ...(signal === undefined ? {} : {signal}),
    })
  } catch (error) {
    throw connectionError(error, app)
  }
}

async function readAll(chunks: AsyncIterable<Buffer>, app: Callee): Promise<string> {
  const all: Buffer[] = []
  try {
    for await (const chunk of chunks) all.push(chunk)
  } catch (error) {
    throw connectionError(error, app)
  }
  return Buffer.concat(all).toString()
}

/** What broke on the way to the app, in words of its user. */
function connectionError(error: unknown, {name, pid}: Callee): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? error.code : undefined
  if (code === 'ETIMEDOUT') {
    return new HomeportError('NOT_ANSWERING', `${name} (pid ${pid}) does not answer.`, {
      hint: `It may be stopped by Ctrl-Z, or busy: try \`kill -CONT ${pid}\`, or end it with \`kill ${pid}\`.`,
      cause: error,
    })
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') {
    return new HomeportError('APP_NOT_RUNNING', `${name} has ended.`, {hint: 'Start it with `homeport start`.', cause: error})
  }
  return error
}

function errorOf(status: number, body: unknown): Error {
  const {message, homeport} = (body ?? {}) as {message?: string; homeport?: {code: string; message: string; hint?: string}}
  if (homeport !== undefined && Object.hasOwn(errorClasses, homeport.code)) {
    return new HomeportError(homeport.code as ErrorCode, homeport.message, homeport.hint === undefined ? {} : {hint: homeport.hint})
  }
  return status < 500
    ? new HomeportError('USAGE', message ?? `The app answered ${status}.`)
    : new Error(message ?? `The app answered ${status}.`)
}
