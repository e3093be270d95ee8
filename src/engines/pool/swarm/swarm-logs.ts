import type {Readable} from 'node:stream'
import {platformMark} from '../boot-script.ts'
import type {PoolLogLine} from '../engine.ts'

const headBytes = 8

/**
 * The log of a service as the Docker API sends it: frames with a head of 8 bytes (stream, length), each a line of
 * `TIME KEY=VALUE,… TEXT`. A line over 16 KiB comes in several frames of which only the last ends in a newline.
 */
export async function* readServiceLog(stream: Readable): AsyncGenerator<PoolLogLine> {
  const parts = new Map<string, PoolLogLine>()
  for await (const {channel, bytes} of frames(stream)) {
    const text = bytes.toString()
    const line = readLine(text.replace(/\r?\n$/, ''), channel)
    const key = `${line.dyno} ${line.stream}`
    const before = parts.get(key)
    const whole = before === undefined ? line : {...before, text: before.text + line.text}
    if (text.endsWith('\n')) {
      parts.delete(key)
      yield whole
    } else parts.set(key, whole)
  }
  yield* parts.values()
}

async function* frames(stream: Readable): AsyncGenerator<{readonly channel: number; readonly bytes: Buffer}> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    let at = 0
    while (rest.length - at >= headBytes) {
      const length = rest.readUInt32BE(at + 4)
      if (rest.length - at < headBytes + length) break
      yield {channel: rest[at] ?? 1, bytes: rest.subarray(at + headBytes, at + headBytes + length)}
      at += headBytes + length
    }
    rest = rest.subarray(at)
  }
}

function readLine(line: string, channel: number): PoolLogLine {
  const [, stamp = '', details = '', body = ''] = /^(\S+) (\S*) ([\s\S]*)$/.exec(line) ?? [undefined, '', '', line]
  const facts = new Map(details.split(',').map(pair => pair.split('=').map(decodeURIComponent) as [string, string]))
  const isOurs = body.startsWith(platformMark)
  return {
    time: readStamp(stamp),
    source: isOurs ? 'heroku' : 'app',
    dyno: facts.get('DYNO') ?? '',
    stream: channel === 2 ? 'stderr' : 'stdout',
    text: isOurs ? body.slice(platformMark.length) : body,
  }
}

/** RFC 3339 with nanoseconds. */
function readStamp(stamp: string): number {
  const micros = Number(/\.\d{3}(\d{1,3})/.exec(stamp)?.[1]?.padEnd(3, '0') ?? 0)
  return Date.parse(stamp.replace(/(\.\d{3})\d*/, '$1')) + micros / 1000
}
