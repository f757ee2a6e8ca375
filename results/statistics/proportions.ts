/** Shares of a whole. */
import type { Interval } from './quantiles.ts'

/** Normal quantile of a two-sided level of 95 %. */
export const Z95 = 1.959963984540054

/**
 * Wilson's score interval of a proportion: E. B. Wilson, JASA 22 (1927); it holds near 0 and 1, where the usual one does not.
 * `z` is the normal quantile of the level (1.96: 95%). Undefined when `total` is 0.
 */
export function wilson(successes: number, total: number, z = Z95): Interval | undefined {
  if (!(total > 0)) return undefined
  const share = successes / total
  const denominator = 1 + z ** 2 / total
  const centre = (share + z ** 2 / (2 * total)) / denominator
  const half = (z / denominator) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2))
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === total ? 1 : Math.min(1, centre + half),
  }
}

/**
 * Interval of the difference of two independent proportions from the interval of each (Wilson's): method 10 of R. G. Newcombe,
 * "Interval estimation for the difference between independent proportions", Statistics in Medicine 17 (1998).
 */
export function newcombe(base: Share, other: Share): Interval {
  const difference = other.ratio - base.ratio
  return {
    low: difference - Math.hypot(other.ratio - other.interval.low, base.interval.high - base.ratio),
    high: difference + Math.hypot(other.interval.high - other.ratio, base.ratio - base.interval.low),
  }
}

/** A proportion and its interval, 0 to 1. */
export interface Share {
  readonly ratio: number
  readonly interval: Interval
}
