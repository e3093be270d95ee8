import {connect, type Socket} from 'node:net'
import type {RouterContext} from './context.ts'
import {bulkBytes} from './read-buffers.ts'
import type {Timed} from './sweep.ts'

/** Who has a request on a dyno connection. */
export type DynoListener = {
  onDynoConnected(): void
  onDynoConnectFailed(isTimeout: boolean): void
  /**
   * Bytes of the dyno's answer. Unless it returns true they are the connection's again afterwards; true: the client's socket still
   * refers to them (never when `isShared`).
   */
  onDynoBytes(bytes: Buffer, isShared: boolean): boolean
  onDynoDrained(): void
  /** The dyno said that nothing more comes. */
  onDynoEnded(): void
  /** The connection is gone. */
  onDynoLost(): void
}

/** Who keeps idle connections to one dyno. */
export type ConnectionKeeper = {forget(connection: DynoConnection): void}

const CONNECTING = 0
const OPEN = 1
const DEAD = 2

/** One connection to a dyno: it carries one request at a time, and is kept in between. */
export class DynoConnection implements Timed {
  readonly socket: Socket
  deadline: number
  /** It carried a request before this one. */
  isReused = false
  /** Bytes came back for the request under way. */
  hasAnswered = false
  readonly #context: RouterContext
  readonly #keeper: ConnectionKeeper
  #listener: DynoListener | null
  #state: typeof CONNECTING | typeof OPEN | typeof DEAD = CONNECTING
  #isTimedOut = false
  #own: Buffer | null = null
  #readBytes = 0

  constructor(
    address: {readonly host: string; readonly port: number},
    {context, keeper, listener, connectMs}: {context: RouterContext; keeper: ConnectionKeeper; listener: DynoListener; connectMs: number},
  ) {
    this.#context = context
    this.#keeper = keeper
    this.#listener = listener
    this.deadline = Date.now() + connectMs
    this.socket = connect({
      ...address,
      noDelay: true,
      onread: {buffer: () => this.#nextBuffer(), callback: size => this.#onRead(size)},
    })
    this.socket.on('connect', () => this.#onConnect())
    this.socket.on('drain', () => this.#listener?.onDynoDrained())
    this.socket.on('end', () => this.#onEnd())
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => this.#onClose())
    context.sweep.add(this)
  }

  /** Also in the turns between the end of the socket, by whatever cause, and the word of it. */
  get isDead(): boolean {
    return this.#state === DEAD || this.socket.destroyed
  }

  /** A kept connection gets its next request. */
  use(listener: DynoListener): void {
    this.#listener = listener
    this.isReused = true
    this.hasAnswered = false
    this.deadline = 0
  }

  /** The request is over and left the connection clean: nobody listens until `use`. */
  rest(idleMs: number): void {
    this.#listener = null
    this.deadline = this.#context.sweep.now + idleMs
  }

  /** The request under way wants nothing more from this connection, nor does anyone else. */
  drop(): void {
    this.#listener = null
    this.destroy()
  }

  destroy(): void {
    this.#state = DEAD
    this.socket.destroy()
  }

  onDeadline(): void {
    this.#isTimedOut = this.#state === CONNECTING
    this.socket.destroy()
  }

  #onConnect(): void {
    if (this.#state === DEAD) return
    this.#state = OPEN
    this.deadline = 0
    this.#listener?.onDynoConnected()
  }

  #onRead(size: number): boolean {
    this.#readBytes = size
    const listener = this.#listener
    if (listener === null) {
      // Bytes that nobody asked for: whatever they are, this connection is not to be trusted again.
      this.destroy()
      return true
    }
    this.hasAnswered = true
    const own = this.#own
    const isRetained = listener.onDynoBytes((own ?? this.#context.buffers.shared).subarray(0, size), own === null)
    if (isRetained) this.#own = null
    return true
  }

  /** Called by the socket before the first and after every read. */
  #nextBuffer(): Buffer {
    const {buffers} = this.#context
    if (this.#readBytes >= bulkBytes && this.#listener !== null) {
      this.#own ??= buffers.take()
      return this.#own
    }
    if (this.#own !== null) {
      buffers.give(this.#own)
      this.#own = null
    }
    return buffers.shared
  }

  #onEnd(): void {
    if (this.#listener === null) this.destroy()
    else this.#listener.onDynoEnded()
  }

  #onClose(): void {
    const wasConnecting = this.#state === CONNECTING
    this.#state = DEAD
    this.#context.sweep.delete(this)
    const listener = this.#listener
    this.#listener = null
    if (listener === null) this.#keeper.forget(this)
    else if (wasConnecting) listener.onDynoConnectFailed(this.#isTimedOut)
    else listener.onDynoLost()
  }
}
