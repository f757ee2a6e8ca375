/** Medians and how sure they are, from the order of samples alone. */
import type { Interval } from './quantiles.ts'
import { binomialCdf } from './special.ts'

/** Median of sorted numbers that may be infinite: midway to an infinite one is infinite, between -Infinity and Infinity it is 0.
 * NaN for none. */
export function sortedMedian(sorted: ArrayLike<number>): number {
  const low = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  const high = sorted[sorted.length >> 1] ?? Number.NaN
  if (low === high) return low
  if (low === -high) return 0
  if (!Number.isFinite(low)) return low
  return Number.isFinite(high) ? low + (high - low) / 2 : high
}

/** Fewer samples give no 95 % interval of their median by their order: the range of five covers it with 94 %. */
export const LEAST_FOR_INTERVAL = 6

/** The 95 % interval of `sortedMedianInterval`, of samples in any order. */
export function medianInterval(samples: ArrayLike<number>): Interval | undefined {
  return sortedMedianInterval(Float64Array.from(samples).sort())
}

/**
 * Interval of the median at `level` from sorted samples, whatever their distribution: between the pair of order statistics that covers
 * it with at least `level` by the binomial distribution, and the next pair, which covers it with less, as Hettmansperger & Sheather,
 * Statistics & Probability Letters 4 (1986), interpolate. Without resampling; docs/statistics.md has its coverage beside the bootstrap's.
 * Fewer than 6 samples cannot give 95 %: it is their range. Undefined for fewer than two, which say nothing of how they spread.
 */
export function sortedMedianInterval(sorted: ArrayLike<number>, level = 0.95): Interval | undefined {
  const n = sorted.length
  if (n < 2) return undefined
  const rank = Math.max(1, medianRank(n, level))
  const wide = 1 - 2 * binomialCdf(rank - 1, n, 0.5)
  const narrow = 1 - 2 * binomialCdf(rank, n, 0.5)
  const part = wide > level && rank + 1 <= n - rank ? (wide - level) / (wide - narrow) : 0
  const inwards = ((n - rank) * part) / (rank + (n - 2 * rank) * part)
  return { low: between(rank - 1, rank), high: between(n - rank, n - rank - 1) }

  function between(outer: number, inner: number): number {
    const [from, to] = [sorted[outer] ?? Number.NaN, sorted[inner] ?? Number.NaN]
    return Number.isFinite(from) && Number.isFinite(to) ? from + inwards * (to - from) : from
  }
}

/** The largest c such that the c-th and the c-th last order statistic hold the median with `level`; 0 when there is none. */
export function medianRank(n: number, level: number): number {
  const tail = (1 - level) / 2
  let [from, to] = [0, Math.ceil(n / 2)]
  while (from < to) {
    const rank = (from + to) >> 1
    if (binomialCdf(rank, n, 0.5) <= tail) from = rank + 1
    else to = rank
  }
  return from
}
