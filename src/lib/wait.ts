/** A wait of some milliseconds, over at once when `signal` is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted === true) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}

/** Whether `promise` is fulfilled within `ms`; rejects when it does. Leaves no timer behind. */
export function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms)
    const settle = (act: () => void) => {
      clearTimeout(timer)
      act()
    }
    promise.then(
      () => settle(() => resolve(true)),
      error => settle(() => reject(error)),
    )
  })
}
