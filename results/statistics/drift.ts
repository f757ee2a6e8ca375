/** Did a series change its level from its first half to its second? */
import { medianInterval } from './medians.ts'
import { median } from './quantiles.ts'

/** Halves whose medians differ by less are not reported. */
const LEAST = 0.05
/** Fewest samples in a half. */
const MIN_HALF = 5

/**
 * Second half / first half - 1 by medians, of samples in the order in which they were measured; undefined unless it is over 5 % and the
 * intervals of both medians are apart.
 */
export function driftOf(samples: ArrayLike<number>): number | undefined {
  if (samples.length < 2 * MIN_HALF) return undefined
  const half = Math.floor(samples.length / 2)
  const all = Array.from(samples)
  const halves = [all.slice(0, half), all.slice(-half)] as const
  const [before, after] = [median(halves[0]), median(halves[1])]
  const [early, late] = [medianInterval(halves[0]), medianInterval(halves[1])]
  if (!before || after === undefined || !early || !late) return undefined
  const change = after / before - 1
  const apart = early.high < late.low || late.high < early.low
  return apart && Math.abs(change) > LEAST ? change : undefined
}
