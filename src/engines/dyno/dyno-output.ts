import type {Readable} from 'node:stream'
import {LineSplitter, type Piece} from '../../lib/line-splitter.ts'
import {settlesWithin} from '../../lib/wait.ts'
import {type Emit, type Gate, now, type Stream} from '../../model/event.ts'
import {LastLines} from './last-lines.ts'

/** An unfinished line is shown after this time (cli.md section 2, Output). */
const partialMs = 100

export type OutputOptions = {readonly emit: Emit; readonly gate: Gate}

/**
 * What a dyno writes, read from both its streams, told in blocks of whole lines. While the gate is congested nothing is
 * read, so that the dyno has to wait; what is in memory then is at most some 64 KiB for each stream.
 */
export class DynoOutput {
  /** Both streams are read to their end, or given up. */
  readonly ended: Promise<void>
  readonly #dyno: string
  readonly #emit: Emit
  readonly #gate: Gate
  readonly #streams: readonly Readable[]
  readonly #lastLines = new LastLines()
  #isPaused = false

  constructor(dyno: string, streams: Readonly<Partial<Record<Stream, Readable>>>, {emit, gate}: OutputOptions) {
    this.#dyno = dyno
    this.#emit = emit
    this.#gate = gate
    const named = [['stdout', streams.stdout] as const, ['stderr', streams.stderr] as const]
    this.#streams = named.flatMap(([, readable]) => readable ?? [])
    this.ended = Promise.all(named.map(([stream, readable]) => readable && this.#read(stream, readable))).then(() => undefined)
  }

  /**
   * Waits for the end of both streams, but no longer than `limitMs` of reading time: while the gate is congested we do not
   * read ourselves. False when the limit came first.
   */
  async endsWithin(limitMs: number): Promise<boolean> {
    for (let leftMs = limitMs; leftMs > 0; ) {
      const wasReading = !this.#isPaused
      const startedAt = performance.now()
      if (await settlesWithin(this.ended, Math.min(leftMs, 50))) return true
      if (wasReading && !this.#isPaused) leftMs -= performance.now() - startedAt
    }
    return false
  }

  /** Gives up what is not read yet: somebody who is not of this dyno holds its streams open. */
  abandon(): void {
    for (const readable of this.#streams) readable.destroy()
  }

  lastLines(): readonly string[] {
    return this.#lastLines.toStrings()
  }

  #read(stream: Stream, readable: Readable): Promise<void> {
    const splitter = new LineSplitter()
    const partial = new PartialTimer(() => {
      const open = splitter.open
      if (open !== undefined) this.#tell(stream, open, true)
    })
    readable.on('data', (chunk: Buffer) => {
      const pieces = splitter.push(chunk)
      for (const piece of pieces) this.#tell(stream, piece)
      partial.openLine(splitter.hasOpen, pieces.length > 0)
      this.#waitForGate()
    })
    return new Promise(resolve => {
      // A pipe has no errors worth telling: whatever happens to it, it ends.
      readable.on('error', () => undefined)
      readable.on('close', () => {
        partial.openLine(false, true)
        const last = splitter.end()
        if (last !== undefined) this.#tell(stream, last)
        resolve()
      })
    })
  }

  #tell(stream: Stream, piece: Piece, partial?: true): void {
    if (partial === undefined) this.#lastLines.push(piece.lines)
    this.#emit({type: 'output', time: now(), source: 'app', dyno: this.#dyno, stream, ...piece, ...(partial && {partial})})
  }

  #waitForGate(): void {
    if (this.#isPaused || !this.#gate.isCongested) return
    this.#isPaused = true
    for (const readable of this.#streams) readable.pause()
    void this.#gate.whenClear().then(() => {
      this.#isPaused = false
      this.#waitForGate()
      if (!this.#isPaused) for (const readable of this.#streams) readable.resume()
    })
  }
}

/** Rings when a line has been open for 100 ms, and again 100 ms after it grew; costs nothing but a comparison for a busy stream. */
class PartialTimer {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  #openedAt = Number.POSITIVE_INFINITY

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** After each chunk: whether a line is open now, and whether it began in this chunk. */
  openLine(isOpen: boolean, isNew: boolean): void {
    if (!isOpen) this.#openedAt = Number.POSITIVE_INFINITY
    else if (isNew || this.#openedAt === Number.POSITIVE_INFINITY) this.#openedAt = performance.now()
    if (isOpen) this.#timer ??= setTimeout(() => this.#expire(), partialMs)
  }

  #expire(): void {
    this.#timer = undefined
    const leftMs = this.#openedAt + partialMs - performance.now()
    if (leftMs > partialMs) return
    if (leftMs > 1) this.#timer = setTimeout(() => this.#expire(), leftMs)
    else {
      this.#openedAt = Number.POSITIVE_INFINITY
      this.#ring()
    }
  }
}
