/** Values of all `sources` as they come; ends when all have ended, rejects with the first that fails. Nothing is read ahead. */
export async function* mergeStreams<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sources.map(source => source[Symbol.asyncIterator]())
  const next = (iterator: AsyncIterator<T>) => iterator.next().then(result => ({iterator, result}))
  const waiting = new Map(iterators.map(iterator => [iterator, next(iterator)]))
  try {
    while (waiting.size > 0) {
      const {iterator, result} = await Promise.race(waiting.values())
      if (result.done) waiting.delete(iterator)
      else {
        waiting.set(iterator, next(iterator))
        yield result.value
      }
    }
  } finally {
    for (const [iterator, pending] of waiting) {
      pending.catch(() => {}) // nobody waits for it any more
      void iterator.return?.()?.catch(() => {})
    }
  }
}
