import type {LogPart} from '../../../engines/log/read-log.ts'
import {type LogWishes, readThenFollow} from '../../../engines/log/read-then-follow.ts'
import {eventsOf} from '../../../engines/log/record.ts'
import {renderJson} from '../../../model/event-json.ts'
import {type ApiReply, invalidParams, type Route} from '../api.ts'
import {type AppCall, withApp} from '../find-app.ts'

export const logRoutes: readonly Route[] = [{method: 'GET', pattern: '/homeport/apps/:app/logs', answer: withApp(streamLogs)}]

/** History and, with `tail=true`, what comes, as JSON lines: `?num=100&dyno=&type=&source=&since=&grep=&tail=`. */
function streamLogs({app, request: {query, signal}}: AppCall): ApiReply {
  const wishes: LogWishes = {
    num: readNumber(query.get('num')) ?? 100,
    dyno: query.get('dyno') ?? undefined,
    type: query.get('type') ?? undefined,
    source: readSource(query.get('source')),
    since: readTime(query.get('since')),
    grep: readPattern(query.get('grep')),
    tail: query.get('tail') === 'true',
    signal,
  }
  return {status: 200, headers: {'Content-Type': 'application/x-ndjson'}, stream: render(readThenFollow(app.logFolder, wishes))}
}

async function* render(parts: AsyncIterable<LogPart>): AsyncGenerator<Buffer> {
  for await (const {records} of parts) yield Buffer.concat(eventsOf(records).map(renderJson))
}

function readNumber(text: string | null): number | undefined {
  if (text === null) return undefined
  if (!/^\d+$/.test(text)) throw invalidParams('num must be a number.')
  return Number(text)
}

function readSource(text: string | null): 'app' | 'heroku' | undefined {
  if (text === null || text === 'app' || text === 'heroku') return text ?? undefined
  throw invalidParams('source must be app or heroku.')
}

function readTime(text: string | null): number | undefined {
  if (text === null) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalidParams('since must be a time, such as 2026-11-25T03:04:05Z.')
  return time
}

function readPattern(text: string | null): RegExp | undefined {
  try {
    return text === null ? undefined : new RegExp(text)
  } catch (error) {
    throw invalidParams(`grep: ${error instanceof Error ? error.message : error}`)
  }
}
