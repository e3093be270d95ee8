import type {Readable} from 'node:stream'
import type {ProcessInfo} from '../../lib/process-table/process-table.ts'
import {pause, settlesWithin} from '../../lib/wait.ts'
import type {Gate} from '../../model/event.ts'
import type {OutputReader} from './dyno.ts'

/** Takes bytes as they come; while it is congested none are read. */
export type ByteSink = Gate & {write(chunk: Buffer): void}

export type PassedOutputOptions = {
  readonly sink: ByteSink
  /** Given when the process also writes to descriptors that we cannot see the end of: those who hold them get their time too. */
  readonly processes?: () => Promise<readonly ProcessInfo[]>
}

/** Passes on what a dyno writes as it is, byte by byte, as fast as it is taken. */
export class PassedOutput implements OutputReader {
  readonly ended: Promise<void>
  readonly #streams: readonly Readable[]
  readonly #options: PassedOutputOptions
  #isPaused = false

  constructor(streams: readonly Readable[], options: PassedOutputOptions) {
    this.#streams = streams
    this.#options = options
    this.ended = Promise.all(streams.map(stream => this.#pass(stream))).then(() => undefined)
  }

  /** See DynoOutput: the limit counts only while we read. */
  async endsWithin(limitMs: number): Promise<boolean> {
    let leftMs = limitMs
    for (let isOver = false; !isOver && leftMs > 0; ) {
      const wasReading = !this.#isPaused
      const startedAt = performance.now()
      isOver = await settlesWithin(this.ended, Math.min(leftMs, 50))
      if (isOver) return this.#areGoneWithin(leftMs)
      if (wasReading && !this.#isPaused) leftMs -= performance.now() - startedAt
    }
    return false
  }

  /** Who still writes is told so by the system, as in any pipeline. */
  abandon(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  lastLines(): readonly string[] {
    return []
  }

  #pass(stream: Readable): Promise<void> {
    stream.on('data', (chunk: Buffer) => {
      this.#options.sink.write(chunk)
      this.#waitForSink()
    })
    stream.on('error', () => undefined)
    return new Promise(resolve => stream.on('close', () => resolve()))
  }

  #waitForSink(): void {
    const {sink} = this.#options
    if (this.#isPaused || !sink.isCongested) return
    this.#isPaused = true
    for (const stream of this.#streams) stream.pause()
    void sink.whenClear().then(() => {
      this.#isPaused = false
      this.#waitForSink()
      if (!this.#isPaused) for (const stream of this.#streams) stream.resume()
    })
  }

  async #areGoneWithin(limitMs: number): Promise<boolean> {
    const {processes} = this.#options
    if (processes === undefined) return true
    const deadline = performance.now() + limitMs
    for (let pauseMs = 2; ; pauseMs = Math.min(100, pauseMs * 2)) {
      if ((await processes()).length === 0) return true
      if (performance.now() >= deadline) return false
      await pause(pauseMs)
    }
  }
}
