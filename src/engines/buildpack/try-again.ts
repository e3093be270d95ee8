/** Why a fetch did not work, in words for the user. A final one is not tried again. */
export class FetchFailed extends Error {
  readonly isFinal: boolean

  constructor(message: string, {isFinal}: {isFinal: boolean}) {
    super(message)
    this.name = 'FetchFailed'
    this.isFinal = isFinal
  }
}

export type TryAgainOptions = {
  readonly signal: AbortSignal
  /** Of one try; the signal that the try gets is aborted then. */
  readonly limitMs: number
  readonly tries: number
  /** Told before each further try. */
  readonly onFailure?: (failure: FetchFailed, triesLeft: number) => void
}

/** Runs `attempt` until it works, at most `tries` times (platform.md d.3: 90 s, 3 tries). Rejects with the last FetchFailed. */
export async function tryAgain<T>(attempt: (signal: AbortSignal) => Promise<T>, options: TryAgainOptions): Promise<T> {
  const {signal, limitMs, tries, onFailure} = options
  for (let left = tries - 1; ; left -= 1) {
    const limit = AbortSignal.timeout(limitMs)
    try {
      return await attempt(AbortSignal.any([signal, limit]))
    } catch (error) {
      signal.throwIfAborted()
      const failure = limit.aborted ? new FetchFailed(`no answer within ${Math.ceil(limitMs / 1000)} s`, {isFinal: false}) : error
      if (!(failure instanceof FetchFailed) || failure.isFinal || left <= 0) throw failure
      onFailure?.(failure, left)
    }
  }
}
