import type {Socket} from 'node:net'
import {Duplex} from 'node:stream'

/** Who sees the bytes of a connection go by. */
export type Watcher = {onRead(bytes: Buffer): void; onWrite(bytes: Buffer): void}

/** A client's socket, byte for byte, with somebody who watches. */
export class WatchedSocket extends Duplex {
  readonly #socket: Socket
  readonly #watcher: Watcher

  constructor(socket: Socket, watcher: Watcher) {
    super({allowHalfOpen: false})
    this.#socket = socket
    this.#watcher = watcher
    socket.on('data', (bytes: Buffer) => {
      watcher.onRead(bytes)
      if (!this.push(bytes)) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#watcher.onWrite(bytes)
    this.#socket.write(bytes, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
