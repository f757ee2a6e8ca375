/** Robust statistics: medians, quantiles, and the intervals that go with them. Pure; every figure is undefined where there is none. */
import { seededRandom } from '../bench/random.ts'

/** Low and high end, in the unit of the samples. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Half of the samples are no larger. Undefined on none. */
export function median(samples: readonly number[]): number | undefined {
  return quantile(samples, 0.5)
}

/**
 * The `p`-quantile (0 to 1), interpolated between order statistics: type 7 of Hyndman & Fan, "Sample Quantiles in Statistical
 * Packages", The American Statistician 50 (1996), the default of R and NumPy. Undefined on no samples.
 */
export function quantile(samples: readonly number[], p: number): number | undefined {
  return sortedQuantile(
    samples.toSorted((a, b) => a - b),
    p,
  )
}

/** Median absolute deviation from the median, unscaled. Undefined on no samples. */
export function medianAbsoluteDeviation(samples: readonly number[]): number | undefined {
  const middle = median(samples)
  return middle === undefined ? undefined : median(samples.map(sample => Math.abs(sample - middle)))
}

export interface BootstrapOptions {
  /** The same seed and samples give the same interval. */
  readonly seed?: number
  readonly resamples?: number
  /** Coverage, 0 to 1. */
  readonly level?: number
}

/**
 * Bootstrap interval of the median by the percentile method: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993),
 * chapter 13. Undefined on fewer than two samples, which say nothing of how they spread.
 */
export function medianInterval(
  samples: readonly number[],
  options: BootstrapOptions = {},
): Interval | undefined {
  const { seed = 1, resamples = 2000, level = 0.95 } = options
  if (samples.length < 2) return undefined
  const sorted = Float64Array.from(samples).sort()
  const random = seededRandom(seed)
  const medians = new Float64Array(resamples)
  const counts = new Uint32Array(sorted.length)
  for (let i = 0; i < resamples; i++) medians[i] = resampledMedian(sorted, counts, random)
  medians.sort()
  const tail = (1 - level) / 2
  const low = sortedQuantile(medians, tail)
  const high = sortedQuantile(medians, 1 - tail)
  return low === undefined || high === undefined ? undefined : { low, high }
}

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

function sortedQuantile(sorted: ArrayLike<number>, p: number): number | undefined {
  const position = p * (sorted.length - 1)
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  if (below === undefined || above === undefined) return undefined
  return below + (above - below) * (position - Math.floor(position))
}

/** The median of a resample. Counting how often each sample was drawn spares a sort: a resample costs O(n). */
function resampledMedian(sorted: Float64Array, counts: Uint32Array, random: () => number): number {
  const n = sorted.length
  counts.fill(0)
  for (let i = 0; i < n; i++) {
    const drawn = Math.floor(random() * n)
    counts[drawn] = (counts[drawn] ?? 0) + 1
  }
  const lower = sampleOfRank((n - 1) >> 1)
  return n % 2 === 1 ? lower : lower + (sampleOfRank(n >> 1) - lower) * 0.5

  function sampleOfRank(rank: number): number {
    let seen = 0
    for (let i = 0; i < n; i++) {
      seen += counts[i] ?? 0
      if (seen > rank) return sorted[i] ?? Number.NaN
    }
    return Number.NaN
  }
}
