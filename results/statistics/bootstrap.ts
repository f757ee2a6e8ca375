/** Intervals by resampling. */
import { seededRandom } from '../../bench/random.ts'
import { type Interval, sortedQuantile } from './quantiles.ts'

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
