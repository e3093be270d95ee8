import {type FileHandle, open} from 'node:fs/promises'
import {FolderChanges} from '../../lib/folder-changes.ts'
import {now, renderTime} from '../../model/event.ts'
import {type LogFilter, matches} from './log-filter.ts'
import {listSegments, type Segment} from './log-folder.ts'
import type {LogPosition} from './log-position.ts'
import {type LogPart, type ReadRecord, recordsOf} from './read-log.ts'

export type FollowOptions = LogFilter & {
  readonly from: LogPosition
  readonly signal?: AbortSignal
}

const newline = 10
const chunkBytes = 256 * 1024

/**
 * The lines of a log from a position on, and then those that come, until `signal` aborts; what is in the files by then is
 * still told. It reads files and nothing else, so a slow reader costs the app nothing; one that is so slow that files are
 * deleted before it read them is told so by an L11 line (platform.md f.2).
 */
export async function* followLog(folder: string, {from, signal, ...filter}: FollowOptions): AsyncGenerator<LogPart> {
  const changes = new FolderChanges(folder)
  let current: OpenSegment | undefined
  try {
    for (;;) {
      const isLast = signal?.aborted ?? false
      if (current !== undefined) yield* newLines(current, filter)
      const next = await openNext(folder, {from, current})
      if (next !== undefined) {
        // The last lines of a file may have come between reading its end and seeing that there is a new one.
        if (current !== undefined) yield* newLines(current, filter)
        await current?.file.close()
        current = next.opened
        if (next.hasGap) yield {records: [gapRecord(positionOf(current))], end: positionOf(current)}
      } else if (isLast) return
      else await changes.next(signal)
    }
  } finally {
    changes.close()
    await current?.file.close()
  }
}

type OpenSegment = {readonly segment: Segment; readonly file: FileHandle; offset: number}

/** The file to go on with: that of the position at first, then the one after the current file. */
async function openNext(folder: string, {from, current}: {from: LogPosition; current: OpenSegment | undefined}) {
  const wanted = current === undefined ? from.segment : current.segment.number + 1
  for (const segment of await listSegments(folder)) {
    if (segment.number < wanted) continue
    const file = await open(segment.path).catch(() => undefined)
    if (file === undefined) continue
    const isContinued = current === undefined && segment.number === from.segment
    const opened: OpenSegment = {segment, file, offset: isContinued ? from.offset : 0}
    return {opened, hasGap: segment.number > wanted && wanted > 0}
  }
  return undefined
}

function positionOf({segment, offset}: OpenSegment): LogPosition {
  return {segment: segment.number, offset}
}

async function* newLines(current: OpenSegment, filter: LogFilter): AsyncGenerator<LogPart> {
  for await (const lines of wholeLines(current)) {
    const {segment, offset} = positionOf(current)
    const records = recordsOf(lines, {segment, offset: offset - lines.length}).filter(record => matches(filter, record))
    if (records.length > 0) yield {records, end: positionOf(current)}
  }
}

/** The whole lines of a file from its offset on, as far as it is written. */
async function* wholeLines(current: OpenSegment): AsyncGenerator<Buffer> {
  let size = chunkBytes
  for (;;) {
    const bytes = Buffer.allocUnsafe(size)
    const {bytesRead} = await current.file.read(bytes, 0, size, current.offset)
    const whole = bytes.subarray(0, bytesRead).lastIndexOf(newline) + 1
    if (whole > 0) {
      current.offset += whole
      size = chunkBytes
      yield bytes.subarray(0, whole)
    } else if (bytesRead < size) return
    else size *= 2
  }
}

function gapRecord(end: LogPosition): ReadRecord {
  const time = now()
  const text = `Error L11 (Tail buffer overflow) -> This tail session dropped messages before ${renderTime(time).slice(0, 19)}+00:00`
  return {timeUs: Math.round(time * 1000), source: 'heroku', kind: 'o', dyno: 'logplex', text: Buffer.from(text), end}
}
