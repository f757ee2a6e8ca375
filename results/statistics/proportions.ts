/** Shares of a whole, such as loss. */
import type { Interval } from './quantiles.ts'

/**
 * Wilson's score interval of a proportion: E. B. Wilson, JASA 22 (1927); it holds near 0 and 1, where the usual one does not.
 * `z` is the normal quantile of the level (1.96: 95%). Undefined when `total` is 0.
 */
export function wilson(successes: number, total: number, z = 1.959964): Interval | undefined {
  if (total <= 0) return undefined
  const share = successes / total
  const denominator = 1 + z ** 2 / total
  const centre = (share + z ** 2 / (2 * total)) / denominator
  const half = (z / denominator) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2))
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === total ? 1 : Math.min(1, centre + half),
  }
}
