import {connect, type Socket} from 'node:net'

/** Longer than anything here takes: what has not happened by then hangs. */
const hangMs = 10_000

/** One end of a raw connection: what comes is kept as latin1 text, and awaited. */
export class Peer {
  readonly socket: Socket
  /** All that came so far. */
  text = ''
  isClosed = false
  wasReset = false
  readonly #waiting = new Set<() => void>()

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.text += bytes.toString('latin1')
      this.#tell()
    })
    socket.on('error', error => {
      this.wasReset ||= 'code' in error && error.code === 'ECONNRESET'
    })
    socket.on('end', () => this.#close())
    socket.on('close', () => this.#close())
  }

  send(text: string | Buffer): this {
    if (typeof text === 'string') this.socket.write(text, 'latin1')
    else this.socket.write(text)
    return this
  }

  /** The end of a message, or the loss of one: both are a close for the other side. */
  close(): void {
    this.socket.destroy()
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Waits until the text so far matches; gives the match. */
  async reads(pattern: RegExp): Promise<RegExpExecArray> {
    await this.#until(() => pattern.test(this.text), `${pattern} in what came`)
    return pattern.exec(this.text) as RegExpExecArray
  }

  async readsBytes(count: number): Promise<string> {
    await this.#until(() => this.text.length >= count, `${count} bytes`)
    return this.text.slice(0, count)
  }

  /** Waits for the other side's close; gives all that came. */
  async closes(): Promise<string> {
    await this.#until(() => this.isClosed, 'a close')
    return this.text
  }

  /** Forgets what came, for the next message on this connection. */
  clear(): void {
    this.text = ''
  }

  #close(): void {
    this.isClosed = true
    this.#tell()
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look()
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return
    const {promise, resolve, reject} = Promise.withResolvers<void>()
    const look = () => {
      if (holds()) resolve()
    }
    this.#waiting.add(look)
    const timer = setTimeout(
      () => reject(new Error(`Waited in vain for ${what}${this.isClosed ? ' (closed)' : ''}: ${JSON.stringify(this.text.slice(0, 2000))}`)),
      hangMs,
    )
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }
}

export async function connectPeer(port: number, host = '127.0.0.1'): Promise<Peer> {
  const socket = connect({port, host, noDelay: true})
  const peer = new Peer(socket)
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return peer
}
