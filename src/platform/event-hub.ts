import type {Emit, PlatformEvent} from '../model/event.ts'

/** Hands every event of an app to all who listen: the terminal, the log store, clients of the API that come and go. */
export class EventHub {
  readonly #listeners = new Set<Emit>()

  readonly emit: Emit = (event: PlatformEvent) => {
    for (const listener of this.#listeners) listener(event)
  }

  /** `listener` gets every event from now on; it must not throw or wait. Gives what ends that. */
  subscribe(listener: Emit): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Keeps the events from now on for a listener that is not there yet; `stop` gives them. */
  record(): {stop(): readonly PlatformEvent[]} {
    const events: PlatformEvent[] = []
    const end = this.subscribe(event => events.push(event))
    return {
      stop() {
        end()
        return events
      },
    }
  }
}
