import type {Duplex} from 'node:stream'
import type {HomeportError} from '../../model/error.ts'
import type {LogSessions} from '../log-sessions.ts'
import type {ServedApp} from '../served-app.ts'

/** A call of the API, apart from how it came: by the unix socket now, by a port of this machine later. */
export type ApiRequest = {
  readonly method: string
  /** Without the query; as sent, not decoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The JSON of the body, undefined when there is none. */
  readonly body?: unknown
  /** What links to this API begin with: `http://localhost:5010`. */
  readonly origin: string
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal
}

export type ApiReply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
} & ({readonly body: unknown} | {readonly stream: AsyncIterable<string | Buffer>} | {readonly upgrade: Upgrade})

/** The connection becomes one for bytes both ways, for a call that asks for this protocol. */
export type Upgrade = {readonly protocol: string; begin(connection: Duplex): void}

/** For which apps the API answers, and what it keeps between calls. */
export type ApiContext = {readonly apps: readonly ServedApp[]; readonly sessions: LogSessions}

export type Handler = (
  request: ApiRequest,
  context: ApiContext & {readonly params: Readonly<Record<string, string>>},
) => ApiReply | Promise<ApiReply>

export type Route = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** `/apps/:app/dynos/:dyno` */
  readonly pattern: string
  readonly answer: Handler
}

/** What a caller did wrong, in the API's form (platform.md j.2); `ownWords`: what our own client shows instead. */
export class ApiError extends Error {
  readonly status: number
  readonly id: string
  readonly ownWords: HomeportError | undefined

  constructor(status: number, id: string, message: string, ownWords?: HomeportError) {
    super(message)
    this.status = status
    this.id = id
    this.ownWords = ownWords
  }
}

export function notFound(what: string): ApiError {
  return new ApiError(404, 'not_found', `Couldn't find that ${what}.`)
}

export function invalidParams(message: string): ApiError {
  return new ApiError(422, 'invalid_params', message)
}

export function ok(body: unknown): ApiReply {
  return {status: 200, body}
}

/** What was asked for has begun. */
export function accepted(): ApiReply {
  return {status: 202, body: {}}
}
