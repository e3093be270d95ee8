import {countLines} from '../../lib/count-lines.ts'
import {type PlatformEvent, platformLine, renderTime} from '../../model/event.ts'
import type {LoggedApp} from './log-folder.ts'
import {renderRecords} from './record.ts'
import {type AppendFailure, type RotationLimits, SegmentWriter} from './segment-writer.ts'

export type LogStoreOptions = {
  readonly app: LoggedApp
  /** Told once, in one sentence, when the log cannot be written. */
  readonly warn: (warning: string) => void
  readonly limits?: Partial<LogLimits>
}

export type LogLimits = RotationLimits & {
  /** What may wait to be written; above it lines are dropped, counted, and the number is told in an L10 line. */
  readonly bufferBytes: number
  /** After a write that failed, the time until the next attempt. */
  readonly retryMs: number
  /** The most time that closing may take when the disk does not answer. */
  readonly closeMs: number
}

const defaults: LogLimits = {
  segmentBytes: 8 * 1024 * 1024,
  segments: 8,
  minLines: 1_500,
  bufferBytes: 8 * 1024 * 1024,
  retryMs: 1_000,
  closeMs: 2_000,
}

/** Our own L10 records in a block. */
const toldDrops = /^\d+ ho logplex Error L10 \(output buffer overflow\): (\d+) messages dropped since /gm

const chunkBytes = 512 * 1024
type Chunk = Buffer<ArrayBuffer>

/**
 * The log of one app on disk (platform.md f.1). It takes events as fast as they come and writes them behind, with bounded
 * memory: it never makes a dyno wait and never throws. What the disk does not take in time is dropped with
 * `Error L10 (output buffer overflow): N messages dropped since …`, and the app goes on.
 */
export class LogStore {
  readonly #writer: SegmentWriter
  readonly #limits: LogLimits
  readonly #warn: (warning: string) => void
  /** Full chunks, then the one that is being filled. */
  #full: Chunk[] = []
  #fullBytes = 0
  #chunk: Chunk = Buffer.allocUnsafeSlow(0)
  #used = 0
  /** A chunk that was written, to be filled again. */
  #spare: Chunk | undefined
  #dropped = 0
  #droppedSince = 0
  #retryAt = 0
  #hasWarned = false
  #isClosed = false
  #writing: Promise<void> | undefined

  /** `folder` (see logFolder) is made when the first line is written. */
  constructor(folder: string, {app, warn, limits}: LogStoreOptions) {
    this.#limits = {...defaults, ...limits}
    this.#writer = new SegmentWriter(folder, {app, limits: this.#limits})
    this.#warn = warn
  }

  /** Takes an event; partial lines are not kept. */
  append(event: PlatformEvent): void {
    if (this.#isClosed) return
    if (this.#mustDrop()) {
      this.#drop(event.time, event.type !== 'output' ? 1 : event.partial ? 0 : countLines(event.lines))
      return
    }
    if (this.#dropped > 0) this.#tellDropped(event.time)
    for (const text of renderRecords(event)) this.#put(text)
    this.#writing ??= this.#write()
  }

  /** What is not in the files yet. */
  get waitingBytes(): number {
    return this.#fullBytes + this.#used
  }

  /** Resolves when all that was taken is in the files, or dropped. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  /** Writes what waits, but does not wait longer than `closeMs` for it. */
  async close(): Promise<void> {
    if (this.#dropped > 0 && performance.now() >= this.#retryAt) {
      this.#tellDropped(performance.timeOrigin + performance.now())
      this.#writing ??= this.#write()
    }
    this.#isClosed = true
    const {promise: late, resolve} = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#limits.closeMs)
    await Promise.race([this.flush().then(() => this.#writer.close()), late])
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Once lines are dropped, until half of the buffer is free: one gap that is told, not hundreds. */
  #mustDrop(): boolean {
    if (performance.now() < this.#retryAt) return true
    return this.waitingBytes > (this.#dropped > 0 ? this.#limits.bufferBytes / 2 : this.#limits.bufferBytes)
  }

  #put(text: string): void {
    if (this.#used + text.length > this.#chunk.length) {
      if (this.#used > 0) this.#full.push(this.#chunk.subarray(0, this.#used))
      this.#fullBytes += this.#used
      this.#chunk = text.length > chunkBytes ? Buffer.allocUnsafeSlow(text.length) : (this.#spare ?? Buffer.allocUnsafeSlow(chunkBytes))
      this.#spare = undefined
      this.#used = 0
    }
    this.#used += this.#chunk.write(text, this.#used, 'latin1')
  }

  /** Takes what waits longest; the chunk that is being filled when there is nothing else. */
  #take(): Chunk | undefined {
    const full = this.#full.shift()
    if (full !== undefined) {
      this.#fullBytes -= full.length
      return full
    }
    if (this.#used === 0) return undefined
    const data = this.#chunk.subarray(0, this.#used)
    this.#chunk = this.#spare ?? Buffer.allocUnsafeSlow(0)
    this.#spare = undefined
    this.#used = 0
    return data
  }

  async #write(): Promise<void> {
    // Not at once: what comes in the same turn of the event loop is written together.
    await new Promise(resolve => setImmediate(resolve))
    for (let data = this.#take(); data !== undefined; data = this.#take()) {
      const failure = await this.#writer.append(data)
      if (failure !== undefined) this.#fail(failure)
      if (data.buffer.byteLength === chunkBytes) this.#spare ??= Buffer.from(data.buffer)
    }
    this.#writing = undefined
  }

  #fail({error, lost}: AppendFailure): void {
    this.#retryAt = performance.now() + this.#limits.retryMs
    this.#dropWritten(lost)
    for (let waiting = this.#take(); waiting !== undefined; waiting = this.#take()) this.#dropWritten(waiting)
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#warn(`The log cannot be written, and the app goes on without it: ${error instanceof Error ? error.message : error}`)
  }

  /** Drops records; one that told of earlier drops counts as those. */
  #dropWritten(records: Buffer): void {
    this.#drop(Date.now(), countLines(records))
    for (const [, told] of records.toString('latin1').matchAll(toldDrops)) this.#dropped += Number(told) - 1
  }

  #drop(time: number, messages: number): void {
    if (this.#dropped === 0) this.#droppedSince = time
    this.#dropped += messages
  }

  #tellDropped(time: number): void {
    const since = `${renderTime(this.#droppedSince).slice(0, 19)}+00:00`
    const text = `Error L10 (output buffer overflow): ${this.#dropped} messages dropped since ${since}.`
    this.#dropped = 0
    for (const record of renderRecords(platformLine('logplex', text, time))) this.#put(record)
  }
}
