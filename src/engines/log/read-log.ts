import {type FileHandle, open} from 'node:fs/promises'
import {type LogFilter, matches} from './log-filter.ts'
import {listSegments, type Segment} from './log-folder.ts'
import {type LogPosition, logStart} from './log-position.ts'
import {type LogRecord, parseRecord} from './record.ts'

export type LogQuery = LogFilter & {
  /** The newest that many lines that match; all when absent. */
  readonly num?: number | undefined
}

export type ReadRecord = LogRecord & {
  /** Where its line ends in the log. */
  readonly end: LogPosition
}

export type LogPart = {
  readonly records: readonly ReadRecord[]
  /** Where the log ended when it was read: from here `followLog` goes on without a gap. */
  readonly end: LogPosition
}

const newline = 10
const chunkBytes = 256 * 1024

/** Lines of one process may be written a little later than younger ones of another. */
const disorderMs = 60_000

/** The newest lines of a log that match, oldest first, read from the end of its files. Nothing for a log that is not there. */
export async function readLog(folder: string, {num = Number.POSITIVE_INFINITY, ...filter}: LogQuery = {}): Promise<LogPart> {
  const segments = await listSegments(folder)
  const parts: ReadRecord[][] = []
  let count = 0
  let end = logStart
  for (const segment of segments.toReversed()) {
    for await (const {lines, start} of chunksBackwards(segment)) {
      if (end === logStart) end = {segment: segment.number, offset: start + lines.length}
      if (count >= num) break
      const records = recordsOf(lines, {segment: segment.number, offset: start})
      const matching = records.filter(record => matches(filter, record))
      parts.push(matching)
      count += matching.length
      if (isBefore(records[0], filter.since)) return {records: newest(parts, num), end}
    }
    if (end === logStart) end = {segment: segment.number, offset: 0}
    if (count >= num) break
  }
  return {records: newest(parts, num), end}
}

/** The records of a block of whole lines that begins at `position`; what is none of ours is left out. */
export function recordsOf(lines: Buffer, {segment, offset}: LogPosition): ReadRecord[] {
  const records: ReadRecord[] = []
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(newline, start)
    if (end < 0) break
    const record = parseRecord(lines.subarray(start, end))
    if (record !== undefined) records.push({...record, end: {segment, offset: offset + end + 1}})
    start = end + 1
  }
  return records
}

function newest(parts: readonly (readonly ReadRecord[])[], num: number): readonly ReadRecord[] {
  const records = parts.toReversed().flat()
  return num >= records.length ? records : records.slice(records.length - num)
}

function isBefore(record: LogRecord | undefined, since: number | undefined): boolean {
  return record !== undefined && since !== undefined && record.timeUs < (since - disorderMs) * 1000
}

/** Blocks of whole lines, the last one first; a line without its end, the last of a file that is being written, is left out. */
async function* chunksBackwards({path}: Segment): AsyncGenerator<{lines: Buffer; start: number}> {
  const file = await open(path).catch(() => undefined) // rotated away meanwhile
  if (file === undefined) return
  try {
    let position = (await file.stat()).size
    let rest: Buffer = Buffer.alloc(0)
    let isEnd = true
    while (position > 0) {
      const start = Math.max(0, position - chunkBytes)
      const bytes = Buffer.concat([await readAt(file, start, position - start), rest])
      const first = start === 0 ? 0 : bytes.indexOf(newline) + 1
      const last = isEnd ? bytes.lastIndexOf(newline) + 1 : bytes.length
      if (last > first) {
        isEnd = false
        yield {lines: bytes.subarray(first, last), start: start + first}
        rest = bytes.subarray(0, first)
      } else rest = bytes
      position = start
    }
  } finally {
    await file.close()
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  const {bytesRead} = await file.read(bytes, 0, length, position)
  return bytes.subarray(0, bytesRead)
}
