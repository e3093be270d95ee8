import type {LogFilter} from '../../engines/log/log-filter.ts'
import {type LogPosition, parsePosition, renderPosition} from '../../engines/log/log-position.ts'
import type {LogPart} from '../../engines/log/read-log.ts'
import {readThenFollow} from '../../engines/log/read-then-follow.ts'
import {eventsOf} from '../../engines/log/record.ts'
import {renderHeroku} from '../../model/heroku-line.ts'
import type {LogSession} from '../log-sessions.ts'
import {type ApiContext, type ApiReply, type ApiRequest, invalidParams, notFound, type Route} from './api.ts'
import {type AppCall, withApp} from './find-app.ts'
import {apiTime} from './ids.ts'

export const logSessionRoutes: readonly Route[] = [
  {method: 'POST', pattern: '/apps/:app/log-sessions', answer: withApp(openSession)},
  {
    method: 'GET',
    pattern: '/homeport/log-sessions/:session',
    answer: (request, context) => streamSession(request, context, context.params),
  },
]

const defaultLines = 100
const mostLines = 1_500

/** `{dyno?, type?, source?, lines?, tail?}` → an address to read from (platform.md j.5). */
function openSession({app, request, context}: AppCall): ApiReply {
  const {dyno, type, source, lines = defaultLines, tail = false} = (request.body ?? {}) as Record<string, unknown>
  if (source !== undefined && source !== null && source !== 'app' && source !== 'heroku')
    throw invalidParams('source must be app or heroku.')
  if (typeof lines !== 'number' || !Number.isInteger(lines) || lines < 0) throw invalidParams('lines must be a number.')
  const filter: LogFilter = {
    ...(typeof dyno === 'string' ? (dyno.includes('.') ? {dyno} : {type: dyno}) : {}),
    ...(typeof type === 'string' ? {type} : {}),
    ...(source === 'app' || source === 'heroku' ? {source} : {}),
  }
  const wishes = {logFolder: app.logFolder, filter, lines: Math.min(lines, mostLines), tail: tail === true}
  const session = context.sessions.open(wishes)
  const created = apiTime(new Date(session.createdAt).toISOString())
  const url = `${request.origin}/homeport/log-sessions/${session.id}`
  return {status: 201, body: {created_at: created, id: session.id, logplex_url: url, updated_at: created}}
}

/** Event stream for those who ask for one, else plain lines. A client that lost its connection goes on behind the last line it got. */
function streamSession({headers, signal}: ApiRequest, {sessions}: ApiContext, params: Readonly<Record<string, string>>): ApiReply {
  const session = sessions.find(params['session'] ?? '')
  if (session === undefined) throw notFound('log session')
  const isEventStream = headers['accept']?.includes('text/event-stream') ?? false
  const from = parsePosition(headers['last-event-id'] ?? '')
  const render = isEventStream ? renderFrames : renderLines
  return {
    status: 200,
    headers: {'Content-Type': isEventStream ? 'text/event-stream' : 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache'},
    stream: streamLines(session, {from, render, signal}),
  }
}

type StreamOptions = {
  readonly from: LogPosition | undefined
  readonly render: (part: LogPart) => string | Buffer
  readonly signal: AbortSignal
}

async function* streamLines({logFolder, filter, lines, tail}: LogSession, {from, render, signal}: StreamOptions) {
  for await (const part of readThenFollow(logFolder, {...filter, num: lines, tail, signal, ...(from === undefined ? {} : {from})}))
    yield render(part)
}

function renderLines({records}: LogPart): Buffer {
  return Buffer.concat(eventsOf(records).map(event => renderHeroku(event)))
}

/** Within a frame a CR would end the line: what a terminal would show of it, the text behind the last one, is sent. */
function renderFrames({records}: LogPart): string {
  return records
    .flatMap(record => {
      const lines = Buffer.concat(eventsOf([record]).map(event => renderHeroku(event)))
        .toString()
        .split('\n')
        .slice(0, -1)
      return lines.map(line => `id: ${renderPosition(record.end)}\ndata: ${line.replace(/(: ).*\r/, '$1')}\n\n`)
    })
    .join('')
}
