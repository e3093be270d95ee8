import {closeSync, constants, fstatSync, openSync, write, writeSync} from 'node:fs'
import {Socket} from 'node:net'
import {isatty} from 'node:tty'

/** Above this many waiting bytes the writer is congested, and dynos are read no further until half of it is out. */
const highWaterBytes = 1024 * 1024
const retryMs = 5

export type OutputWriterOptions = {
  /** The reader of a pipe or terminal has gone away: nothing that is written from now on will be seen. */
  readonly onClosed?: (error: NodeJS.ErrnoException | undefined) => void
}

/**
 * Standard output or standard error that never blocks the process: Node's own streams write synchronously to terminals and
 * pipes, so that a terminal nobody reads would stop the router, the control socket and signals. A pipe or terminal is opened
 * anew, so that O_NONBLOCK is ours alone and not shared with whoever else holds it.
 * Everything written is kept, in order, until it is out; `isCongested` tells those who can wait to wait.
 */
export class OutputWriter {
  readonly isTerminal: boolean
  readonly #sink: Sink
  readonly #onClosed: (error: NodeJS.ErrnoException | undefined) => void
  #isClosed = false
  #waiting: (() => void)[] = []

  constructor(descriptor: 1 | 2, {onClosed = () => {}}: OutputWriterOptions = {}) {
    this.#onClosed = onClosed
    this.isTerminal = isatty(descriptor)
    this.#sink = openSink(descriptor, this.isTerminal, {onDrain: () => this.#drained(), onGone: error => this.#gone(error)})
  }

  write(data: Buffer | string): void {
    if (!this.#isClosed && data.length > 0) this.#sink.write(typeof data === 'string' ? Buffer.from(data) : data)
  }

  get isCongested(): boolean {
    return !this.#isClosed && this.#sink.waitingBytes > highWaterBytes
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Resolves when at most half of the high water is waiting, or when the reader is gone. */
  whenClear(): Promise<void> {
    return this.#when(() => this.#sink.waitingBytes <= highWaterBytes / 2)
  }

  /** Resolves when everything is out, or when the reader is gone. */
  flush(): Promise<void> {
    return this.#when(() => this.#sink.waitingBytes === 0)
  }

  close(): void {
    this.#sink.close()
  }

  async #when(isDone: () => boolean): Promise<void> {
    while (!this.#isClosed && !isDone()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #drained(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #gone(error: NodeJS.ErrnoException | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#drained()
    this.#onClosed(error)
  }
}

type Sink = {write(data: Buffer): void; readonly waitingBytes: number; close(): void}
type SinkListener = {onDrain(): void; onGone(error?: NodeJS.ErrnoException): void}

function openSink(descriptor: number, isTerminal: boolean, listener: SinkListener): Sink {
  const kind = fstatSync(descriptor)
  if (isTerminal) return new PollingSink(reopen(descriptor) ?? descriptor, listener)
  if (kind.isFIFO()) return new SocketSink(reopen(descriptor) ?? descriptor, listener)
  if (kind.isSocket()) return new SocketSink(descriptor, listener)
  return new FileSink(descriptor, listener)
}

/** A descriptor of our own for the same pipe or terminal, non-blocking; undefined where the system does not give one. */
function reopen(descriptor: number): number | undefined {
  try {
    return openSync(`/dev/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}

/** Files and devices take what they are given at once. */
class FileSink implements Sink {
  readonly waitingBytes = 0
  readonly #descriptor: number
  readonly #listener: SinkListener

  constructor(descriptor: number, listener: SinkListener) {
    this.#descriptor = descriptor
    this.#listener = listener
  }

  write(data: Buffer): void {
    try {
      for (let rest = data; rest.length > 0; ) rest = rest.subarray(writeSync(this.#descriptor, rest))
    } catch (error) {
      this.#listener.onGone(error as NodeJS.ErrnoException)
    }
  }

  close(): void {}
}

/** Pipes and sockets go through the event loop. */
class SocketSink implements Sink {
  readonly #socket: Socket

  constructor(descriptor: number, {onDrain, onGone}: SinkListener) {
    this.#socket = new Socket({fd: descriptor, readable: false, writable: true})
    this.#socket.on('error', onGone)
    this.#socket.on('close', () => onGone())
    this.#onWritten = () => onDrain()
    this.#socket.unref()
  }

  readonly #onWritten: () => void

  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  write(data: Buffer): void {
    this.#socket.write(data, this.#onWritten)
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }
}

/**
 * Terminals: one write at a time on a descriptor that refuses instead of blocking, tried again a little later. libuv offers no
 * event for a terminal without making it block.
 */
class PollingSink implements Sink {
  waitingBytes = 0
  readonly #descriptor: number
  readonly #listener: SinkListener
  #queue: Buffer[] = []
  #isWriting = false
  #isClosed = false

  constructor(descriptor: number, listener: SinkListener) {
    this.#descriptor = descriptor
    this.#listener = listener
  }

  write(data: Buffer): void {
    this.#queue.push(data)
    this.waitingBytes += data.length
    if (!this.#isWriting) this.#next()
  }

  close(): void {
    this.#isClosed = true
    if (this.#descriptor > 2) closeSync(this.#descriptor)
  }

  #next(): void {
    if (this.#isClosed) return
    const data = this.#queue.length === 1 ? this.#queue[0] : Buffer.concat(this.#queue)
    this.#isWriting = data !== undefined && data.length > 0
    if (data === undefined || !this.#isWriting) {
      this.#queue = []
      return
    }
    this.#queue = [data]
    write(this.#descriptor, data, 0, data.length, null, (error, written) => this.#wrote(error, written))
  }

  #wrote(error: NodeJS.ErrnoException | null, written: number): void {
    if (this.#isClosed) return
    if (error !== null && error.code !== 'EAGAIN') {
      this.waitingBytes = 0
      this.#listener.onGone(error)
      return
    }
    const [first, ...later] = this.#queue
    if (first !== undefined && written > 0) {
      this.#queue = [first.subarray(written), ...later]
      this.waitingBytes -= written
      this.#listener.onDrain()
    }
    if (error === null) this.#next()
    else setTimeout(() => this.#next(), retryMs)
  }
}
