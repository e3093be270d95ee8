import {followLog} from './follow-log.ts'
import type {LogPosition} from './log-position.ts'
import {type LogPart, type LogQuery, readLog} from './read-log.ts'

export type LogWishes = LogQuery & {
  /** Begin behind this place instead of with the newest `num` lines. */
  readonly from?: LogPosition
  /** Stay and tell what comes, until `signal` aborts. */
  readonly tail: boolean
  readonly signal: AbortSignal
}

/** The newest lines of a log and, with `tail`, those that come, without a gap between them. */
export async function* readThenFollow(folder: string, {num, from, tail, signal, ...filter}: LogWishes): AsyncGenerator<LogPart> {
  let start = from
  if (start === undefined) {
    const part = await readLog(folder, {num, ...filter})
    if (part.records.length > 0) yield part
    if (!tail) return
    start = part.end
  }
  yield* followLog(folder, {...filter, from: start, signal: tail ? signal : AbortSignal.abort()})
}
