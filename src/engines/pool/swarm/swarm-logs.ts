import type {Readable} from 'node:stream'
import {platformMark} from '../boot-script.ts'
import type {PoolLogLine} from '../engine.ts'

/** A line with what places it exactly: its container and the engine's own time of it, to the nanosecond. */
export type SwarmLogLine = PoolLogLine & {readonly stamp: string; readonly container: string}

/** The container of a dyno, on the host with this address. */
export type DynoContainer = {readonly id: string; readonly dyno: string; readonly type: string; readonly address: string}

const headBytes = 8

/**
 * The log of a container as the Docker API sends it: frames with a head of 8 bytes (stream, length), each a line of `TIME TEXT`. A line
 * over 16 KiB comes in several frames of which only the last ends in a newline.
 */
export async function* readContainerLog(stream: Readable, {id, dyno}: Pick<DynoContainer, 'id' | 'dyno'>): AsyncGenerator<SwarmLogLine> {
  const parts = new Map<number, SwarmLogLine>()
  for await (const {channel, bytes} of frames(stream)) {
    const text = bytes.toString()
    const line = readLine(text.replace(/\r?\n$/, ''), {channel, id, dyno})
    const before = parts.get(channel)
    const whole = before === undefined ? line : {...before, text: before.text + line.text}
    if (text.endsWith('\n')) {
      parts.delete(channel)
      yield whole
    } else parts.set(channel, whole)
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

function readLine(line: string, {channel, id, dyno}: {readonly channel: number; readonly id: string; readonly dyno: string}): SwarmLogLine {
  const [, stamp = '', body = ''] = /^(\S+) ([\s\S]*)$/.exec(line) ?? [undefined, '', line]
  const isOurs = body.startsWith(platformMark)
  return {
    stamp,
    container: id,
    time: readStamp(stamp),
    source: isOurs ? 'heroku' : 'app',
    dyno,
    stream: channel === 2 ? 'stderr' : 'stdout',
    text: isOurs ? body.slice(platformMark.length) : body,
  }
}

/** RFC 3339 with nanoseconds. */
function readStamp(stamp: string): number {
  const micros = Number(/\.\d{3}(\d{1,3})/.exec(stamp)?.[1]?.padEnd(3, '0') ?? 0)
  return Date.parse(stamp.replace(/(\.\d{3})\d*/, '$1')) + micros / 1000
}

type Seen = {stamp: string; lines: number}

/** Tells lines that were read before from new ones, where the same stretch of a log is read again: per container and stream they keep their order. */
export class LogCursor {
  readonly #seen = new Map<string, Seen>()
  readonly #passed = new Map<string, number>()

  /** Before the log of a container is read again, from any place. */
  rewind(container: string): void {
    for (const stream of ['stdout', 'stderr']) this.#passed.delete(`${container} ${stream}`)
  }

  isNew({container, stream, stamp}: SwarmLogLine): boolean {
    const key = `${container} ${stream}`
    const seen = this.#seen.get(key)
    if (seen === undefined || stamp > seen.stamp) {
      this.#seen.set(key, {stamp, lines: 1})
      this.#passed.set(key, 1)
      return true
    }
    if (stamp < seen.stamp) return false
    const passed = (this.#passed.get(key) ?? 0) + 1
    this.#passed.set(key, passed)
    if (passed <= seen.lines) return false
    seen.lines = passed
    return true
  }
}
