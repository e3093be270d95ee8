import {countLines} from '../lib/count-lines.ts'
import {type Emit, now, type PlatformEvent, platformLine, renderTime} from '../model/event.ts'
import {renderJson} from '../model/event-json.ts'

/** What may wait for one client that reads slowly. */
const bufferBytes = 4 * 1024 * 1024

export type EventStreamOptions = {
  /** Types as the client sees them (cli.md section 3: `line`, `state` …); all when absent. */
  readonly types?: ReadonlySet<string>
  readonly signal: AbortSignal
}

/**
 * The events of an app from the moment on at which this is made, as JSON lines, until `signal` aborts. It takes events as
 * fast as they come; for a client that reads slower they are dropped, and an L11 line says how many (platform.md f.2).
 */
export class EventStream implements AsyncIterable<Buffer> {
  readonly #types: ReadonlySet<string> | undefined
  readonly #signal: AbortSignal
  readonly #unsubscribe: () => void
  #waiting: PlatformEvent[] = []
  #waitingBytes = 0
  #dropped = 0
  #droppedSince = 0
  #wake = () => {}

  constructor(subscribe: (listener: Emit) => () => void, {types, signal}: EventStreamOptions) {
    this.#types = types
    this.#signal = signal
    this.#unsubscribe = subscribe(event => this.#take(event))
    signal.addEventListener('abort', () => this.#wake())
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (this.#waiting.length > 0) yield this.#render()
        else if (this.#signal.aborted) return
        else await new Promise<void>(resolve => (this.#wake = resolve))
      }
    } finally {
      this.#unsubscribe()
    }
  }

  #take(event: PlatformEvent): void {
    if (this.#types !== undefined && !this.#types.has(event.type === 'output' ? 'line' : event.type)) return
    if (this.#waitingBytes > bufferBytes) {
      if (this.#dropped === 0) this.#droppedSince = event.time
      this.#dropped += event.type === 'output' ? countLines(event.lines) : 1
      return
    }
    if (this.#dropped > 0) this.#tellDropped()
    this.#put(event)
    this.#wake()
  }

  #put(event: PlatformEvent): void {
    this.#waiting.push(event)
    this.#waitingBytes += event.type === 'output' ? event.lines.length : 500
  }

  #tellDropped(): void {
    const since = `${renderTime(this.#droppedSince).slice(0, 19)}+00:00`
    this.#put(
      platformLine(
        'logplex',
        `Error L11 (Tail buffer overflow) -> This tail session dropped ${this.#dropped} messages since ${since}`,
        now(),
      ),
    )
    this.#dropped = 0
  }

  #render(): Buffer {
    const events = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    return Buffer.concat(events.map(renderJson))
  }
}
