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

/** What `judge` makes of each entry of a table and its p, corrected over all of them; of what is undefined nothing. */
export function judgeTogether<Entry extends object, Judged>(
  table: readonly (readonly (Entry | undefined)[])[],
  pOf: (entry: Entry) => number | undefined,
  judge: (entry: Entry, pHolm: number | undefined) => Judged,
): readonly (readonly (Judged | undefined)[])[] {
  const corrected = holm(table.flat().map(entry => entry && pOf(entry))).values()
  return table.map(row =>
    row.map(entry => {
      const pHolm = corrected.next().value
      return entry && judge(entry, pHolm)
    }),
  )
}
