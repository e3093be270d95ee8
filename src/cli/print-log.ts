import {once} from 'node:events'
import {type LogWishes, readThenFollow} from '../engines/log/read-then-follow.ts'
import {eventsOf} from '../engines/log/record.ts'
import type {OutputEvent} from '../model/event.ts'
import {type LogFormat, lineRenderer} from './render/line.ts'
import type {Rendered} from './render/rendered.ts'

export type PrintOptions = {
  readonly query: LogWishes
  readonly format: LogFormat
  readonly timestamps: boolean
  readonly isColoured: boolean
}

/** Writes a log to standard output, no faster than it is read. */
export async function printLog(folder: string, {query, format, timestamps, isColoured}: PrintOptions): Promise<void> {
  const isTerminal = process.stdout.isTTY === true
  let render: ReturnType<typeof lineRenderer> | undefined
  for await (const {records} of readThenFollow(folder, query)) {
    const names = new Set(records.filter(({source}) => source === 'app').map(({dyno}) => dyno))
    render ??= lineRenderer({format, timestamps, isColoured, isTerminal, names, datesBefore: startOfToday()})
    for (const event of eventsOf(records)) await write(render(event))
  }
}

/** The same for events that come from elsewhere. */
export async function printEvents(
  events: AsyncIterable<OutputEvent>,
  {format, timestamps, isColoured}: Omit<PrintOptions, 'query'>,
): Promise<void> {
  const isTerminal = process.stdout.isTTY === true
  const render = lineRenderer({format, timestamps, isColoured, isTerminal, names: new Set(), datesBefore: startOfToday()})
  for await (const event of events) await write(render(event))
}

async function write({stream, data}: Rendered): Promise<void> {
  if (data.length > 0 && !process[stream].write(data)) await once(process[stream], 'drain')
}

function startOfToday(): number {
  return new Date().setHours(0, 0, 0, 0)
}
