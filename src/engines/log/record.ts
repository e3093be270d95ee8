import {prefixPieces} from '../../lib/prefix-lines.ts'
import {type PlatformEvent, platformLine, type Source} from '../../model/event.ts'
import {parseRouterLine} from '../../model/parse-router-line.ts'

/**
 * The form of a log file: one record a line, `1764039845123456 ao web.1 text`. That is the time in microseconds, the source
 * (`a`pp, `h`eroku), the kind (`o` stdout, `e` stderr, `r` a router line, `j` any other event as JSON), the dyno and the text
 * with its own bytes. Every line stands for itself, so that a file can be cut anywhere and read from its end.
 */
type Kind = 'o' | 'e' | 'r' | 'j'

export type LogRecord = {
  readonly timeUs: number
  readonly source: Source
  readonly kind: Kind
  readonly dyno: string
  /** Without its newline. */
  readonly text: Buffer
}

/** Dyno of the lines that tell about the whole app. */
const appDyno = 'api'

/** What is written for an event, as strings of bytes (latin1) with their newlines; none for what is not kept. */
export function renderRecords(event: PlatformEvent): readonly string[] {
  if (event.type === 'output') {
    if (event.partial) return []
    return prefixPieces(event.lines, prefix(event, event.source, event.stream === 'stdout' ? 'o' : 'e', event.dyno))
  }
  if (event.type === 'request') return [`${prefix(event, 'heroku', 'r', 'router')}${bytesOf(event.line)}\n`]
  const dyno = event.type === 'state' ? event.dyno : appDyno
  return [`${prefix(event, 'heroku', 'j', dyno)}${bytesOf(JSON.stringify(event))}\n`]
}

/** A line of a log file, without its newline; undefined when it is none of ours (a file that was written into by others). */
export function parseRecord(line: Buffer): LogRecord | undefined {
  const [, digits, source, kind, dyno] = /^(\d{16}) ([ah])([oerj]) (\S+) /.exec(line.toString('latin1', 0, 120)) ?? []
  if (digits === undefined || dyno === undefined) return undefined
  return {
    timeUs: Number(digits),
    source: source === 'a' ? 'app' : 'heroku',
    kind: kind as Kind,
    dyno,
    text: line.subarray(21 + dyno.length),
  }
}

/** The events that records were made from: neighbours of one stream and time become one block of output again. */
export function eventsOf(records: readonly LogRecord[]): PlatformEvent[] {
  const events: PlatformEvent[] = []
  for (let index = 0; index < records.length; ) {
    const first = records[index]
    if (first === undefined) break
    let end = index + 1
    if (first.kind === 'o' || first.kind === 'e') while (isSameBlock(first, records[end])) end++
    events.push(eventOf(first, records.slice(index, end)))
    index = end
  }
  return events
}

const newline = Buffer.from('\n')

function eventOf(first: LogRecord, block: readonly LogRecord[]): PlatformEvent {
  const time = first.timeUs / 1000
  if (first.kind === 'r') return parseRouterLine(first.text.toString(), time)
  if (first.kind === 'j') return parseEvent(first)
  const lines = Buffer.concat(block.flatMap(record => [record.text, newline]))
  return {type: 'output', time, source: first.source, dyno: first.dyno, stream: first.kind === 'o' ? 'stdout' : 'stderr', lines}
}

/** An event that cannot be read (the disk damaged it) is shown as the line that it is. */
function parseEvent({timeUs, dyno, text}: LogRecord): PlatformEvent {
  try {
    return JSON.parse(text.toString())
  } catch {
    return platformLine(dyno, text.toString(), timeUs / 1000)
  }
}

function isSameBlock(a: LogRecord, b: LogRecord | undefined): boolean {
  return b !== undefined && a.timeUs === b.timeUs && a.kind === b.kind && a.dyno === b.dyno && a.source === b.source
}

function prefix({time}: {readonly time: number}, source: Source, kind: Kind, dyno: string): string {
  return `${Math.round(time * 1000)} ${source === 'app' ? 'a' : 'h'}${kind} ${dyno} `
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}
