/**
 * Holm's correction: each p as if it were the only one, such that the chance of any false alarm among all stays below the level.
 * S. Holm, Scandinavian Journal of Statistics 6 (1979). Those that are undefined stay so, and do not count as tests.
 */
export function holm(ps: readonly (number | undefined)[]): (number | undefined)[] {
  const known = ps.flatMap((p, index) => (p === undefined ? [] : [{ p, index }]))
  const corrected: (number | undefined)[] = ps.map(() => undefined)
  let running = 0
  for (const [rank, { p, index }] of known.sort((a, b) => a.p - b.p).entries()) {
    running = Math.max(running, Math.min(1, p * (known.length - rank)))
    corrected[index] = running
  }
  return corrected
}

/** The same over all rows of a table together, by the p of each entry. */
export function holmOfTable<T>(
  table: readonly (readonly T[])[],
  pOf: (entry: T) => number | undefined,
): readonly (readonly (number | undefined)[])[] {
  const corrected = holm(table.flat().map(pOf)).values()
  return table.map(row => row.map(() => corrected.next().value))
}
