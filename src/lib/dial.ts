import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {connect} from 'node:net'
import {Duplex} from 'node:stream'

/** Opens one connection to a service; it emits `error` when nobody answers. */
export type Dial = () => Duplex

/** To a unix socket. */
export function dialSocket(path: string): Dial {
  return () => connect(path)
}

/**
 * To whatever a program talks to by its stdin and stdout, such as `ssh HOST docker system dial-stdio`. The program is killed when the
 * connection ends; what it writes to stderr becomes the connection's error when it fails.
 */
export function dialProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Dial {
  return () => new ProgramConnection(spawn(file, args, {env: {...env}, stdio: ['pipe', 'pipe', 'pipe']}))
}

const maxErrorBytes = 4096

class ProgramConnection extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams
  #said = ''

  constructor(child: ChildProcessWithoutNullStreams) {
    super()
    this.#child = child
    child.stdout.on('data', chunk => {
      if (!this.push(chunk)) child.stdout.pause()
    })
    child.stdout.on('end', () => this.push(null))
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-maxErrorBytes)
    })
    // What could not be written is told by how the program ends.
    child.stdin.on('error', () => {})
    child.on('error', error => this.destroy(error))
    child.on('close', code => {
      if (code !== 0) this.destroy(new Error(this.#said.trim() || `The connection ended with exit code ${code}.`))
    })
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#child.stdin.write(chunk, encoding)) done()
    else this.#child.stdin.once('drain', done)
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill()
    done(error)
  }

  /** node:http calls these of every socket. */
  setKeepAlive(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
