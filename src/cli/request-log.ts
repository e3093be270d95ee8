import type {RequestEvent} from '../model/event.ts'

/** Waiting lines beyond this are left out: the router goes on at its speed, and its memory stays bounded. */
const mostWaiting = 16 * 1024 * 1024
const batchChars = 65_536
const batchMs = 20

/** Where lines go. */
export type LineSink = {write(text: string): void; readonly isCongested: boolean; flush(): Promise<void>}

/** Writes the lines of a router that runs alone: thousands a second, so they are gathered. Those that nobody reads in time are counted. */
export class RequestLog {
  readonly #sink: LineSink
  readonly #render: (event: RequestEvent) => string
  readonly #onLeftOut: (count: number) => void
  #waiting = ''
  #leftOut = 0
  #timer: NodeJS.Timeout | undefined

  constructor(sink: LineSink, render: (event: RequestEvent) => string, onLeftOut: (count: number) => void) {
    this.#sink = sink
    this.#render = render
    this.#onLeftOut = onLeftOut
  }

  add(event: RequestEvent): void {
    if (this.#waiting.length > mostWaiting) {
      this.#leftOut++
      return
    }
    this.#waiting += this.#render(event)
    if (this.#waiting.length > batchChars && !this.#sink.isCongested) this.#write()
    else this.#timer ??= setTimeout(() => this.#onTimer(), batchMs)
  }

  /** Resolves when everything is out. */
  async flush(): Promise<void> {
    this.#write()
    await this.#sink.flush()
  }

  #onTimer(): void {
    this.#timer = undefined
    if (this.#sink.isCongested) this.#timer = setTimeout(() => this.#onTimer(), batchMs)
    else this.#write()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const text = this.#waiting
    this.#waiting = ''
    if (text !== '') this.#sink.write(text)
    if (this.#leftOut > 0) this.#onLeftOut(this.#leftOut)
    this.#leftOut = 0
  }
}
