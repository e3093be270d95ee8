import {createHash, type Hash} from 'node:crypto'
import {Worker} from 'node:worker_threads'

/** Runs in the thread: digests what it is sent, in order, and says so each time. */
const program = `
const {parentPort} = require('node:worker_threads')
const digest = require('node:crypto').createHash('sha256')
parentPort.on('message', ({memory, start, length}) => {
  if (memory === undefined) return parentPort.postMessage(digest.digest('hex'))
  digest.update(new Uint8Array(memory, start, length))
  parentPort.postMessage('')
})
`

/**
 * The SHA-256 of a stream that comes in frames of shared memory. The first full frame starts a thread for it, since a digest
 * takes as long as reading the files does; a stream that is shorter is digested here.
 */
export class StreamDigest implements AsyncDisposable {
  readonly #threadBytes: number
  readonly #own: Hash = createHash('sha256')
  #isNew = true
  #thread: Worker | undefined
  #waiting: PromiseWithResolvers<string>[] = []
  #error: unknown

  /** `threadBytes`: a first frame of this size is worth a thread. */
  constructor({threadBytes}: {readonly threadBytes: number}) {
    this.#threadBytes = threadBytes
  }

  /** Takes the next frame; when it returns a promise the frame must stay as it is until that resolves. */
  update(frame: Buffer): Promise<unknown> | undefined {
    if (this.#isNew && frame.length >= this.#threadBytes && frame.buffer instanceof SharedArrayBuffer) this.#start()
    this.#isNew = false
    if (this.#thread !== undefined) return this.#ask({memory: frame.buffer, start: frame.byteOffset, length: frame.length})
    this.#own.update(frame)
    return undefined
  }

  /** The digest of all frames; no more may come. */
  async hex(): Promise<string> {
    return this.#thread === undefined ? this.#own.digest('hex') : await this.#ask({})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.terminate()
  }

  #start(): void {
    const thread = new Worker(program, {eval: true})
    thread.on('message', (answer: string) => this.#waiting.shift()?.resolve(answer))
    thread.on('error', error => this.#fail(error))
    thread.on('exit', () => this.#fail(new Error('the thread of a digest ended')))
    this.#thread = thread
  }

  #ask(message: object): Promise<string> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    const answer = Promise.withResolvers<string>()
    // Whoever waits for it learns of an error; it must not look forgotten until then.
    answer.promise.catch(() => {})
    this.#waiting.push(answer)
    this.#thread?.postMessage(message)
    return answer.promise
  }

  #fail(error: unknown): void {
    this.#error ??= error
    for (const {reject} of this.#waiting.splice(0)) reject(this.#error)
  }
}
