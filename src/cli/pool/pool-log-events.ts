import type {OutputEvent} from '../../model/event.ts'
import {findPoolApp} from '../../platform/pool/find-pool-app.ts'
import type {PoolContext} from '../../platform/pool/pool-context.ts'

export type PoolLogQuery = {
  readonly app: string
  readonly num: number | undefined
  readonly dyno: string | undefined
  readonly type: string | undefined
  readonly source: 'app' | 'heroku' | undefined
  /** Milliseconds since the epoch. */
  readonly since: number | undefined
  readonly grep: RegExp | undefined
  readonly tail: boolean
  readonly signal: AbortSignal
}

/** The log of an app on a pool as events, filtered as `logs` does. Rejects with UNKNOWN_APP. */
export async function poolLogEvents(context: PoolContext, query: PoolLogQuery): Promise<AsyncIterable<OutputEvent>> {
  await findPoolApp(context, query.app)
  return events(context, query)
}

async function* events(
  {engine}: PoolContext,
  {app, num, dyno, type, source, since, grep, tail, signal}: PoolLogQuery,
): AsyncGenerator<OutputEvent> {
  const isFiltered = dyno !== undefined || source !== undefined || grep !== undefined
  const options = {
    follow: tail,
    signal,
    // A filter takes lines away: then all are read.
    ...(num === undefined || isFiltered ? {} : {lines: num}),
    ...(since === undefined ? {} : {since: since / 1000}),
    ...(type === undefined ? {} : {types: [type]}),
  }
  for await (const line of engine.logs(app, options)) {
    const isWanted =
      (dyno === undefined || line.dyno === dyno) &&
      (source === undefined || line.source === source) &&
      (grep === undefined || grep.test(line.text))
    if (isWanted)
      yield {
        type: 'output',
        time: line.time,
        source: line.source,
        dyno: line.dyno,
        stream: line.stream,
        lines: Buffer.from(`${line.text}\n`),
      }
  }
}
