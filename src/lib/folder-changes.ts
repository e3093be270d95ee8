import {type FSWatcher, watch} from 'node:fs'

/** How long to wait at most where the system tells nothing of changes, or not of all. */
const pollMs = 250

/** Tells when something in a folder was written: by the system's events where there are any, at the latest after a quarter of a second. */
export class FolderChanges {
  readonly #folder: string
  #watcher: FSWatcher | undefined
  #hasChanged = false
  #wake = () => {}

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Resolves at the next change, at one since the last call, when there may have been one, or when `signal` aborts. */
  async next(signal?: AbortSignal): Promise<void> {
    this.#watcher ??= this.#watch()
    if (!this.#hasChanged && !signal?.aborted) {
      const {promise, resolve} = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, pollMs)
      signal?.addEventListener('abort', this.#wake)
      await promise
      signal?.removeEventListener('abort', this.#wake)
      clearTimeout(timer)
    }
    this.#hasChanged = false
  }

  close(): void {
    this.#watcher?.close()
    this.#wake()
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#folder, () => {
        this.#hasChanged = true
        this.#wake()
      })
      watcher.on('error', () => watcher.close())
      return watcher
    } catch {
      return undefined // no such folder yet, or no watch left to give
    }
  }
}
