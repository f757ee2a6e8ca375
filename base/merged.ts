/** Several asynchronous iterations as one: the items of each as they come. */
export async function* merged<Item>(sources: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const next = async (source: AsyncGenerator<Item>) => ({ source, result: await source.next() })
  const pending = new Map(sources.map(source => [source, next(source)]))
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values())
      if (result.done) pending.delete(source)
      else {
        pending.set(source, next(source))
        yield result.value
      }
    }
  } finally {
    // Whoever stops early, or met an error, lets the others end.
    await Promise.allSettled(pending.values())
    await Promise.allSettled(sources.map(source => source.return(undefined)))
  }
}
