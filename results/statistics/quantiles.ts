/** Medians and quantiles. Pure; every figure is undefined where there is none. */

/** Low and high end, in the unit of the samples. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** The samples that there are (not NaN), ascending. */
export function sortedKnown(samples: ArrayLike<number>): Float64Array {
  return Float64Array.from(samples)
    .filter(each => !Number.isNaN(each))
    .sort()
}

/** The median: half of the samples are not larger. Undefined without samples. */
export function median(samples: ArrayLike<number>): number | undefined {
  return quantile(samples, 0.5)
}

/**
 * The `p`-quantile (0 to 1), interpolated between order statistics: type 7 of Hyndman & Fan, "Sample Quantiles in Statistical
 * Packages", The American Statistician 50 (1996), the default of R and NumPy. Undefined on no samples.
 */
export function quantile(samples: ArrayLike<number>, p: number): number | undefined {
  return sortedQuantile(Float64Array.from(samples).sort(), p)
}

/** The same of samples that are sorted already. */
export function sortedQuantile(sorted: ArrayLike<number>, p: number): number | undefined {
  const position = p * (sorted.length - 1)
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  if (below === undefined || above === undefined) return undefined
  // Infinite ones have no difference.
  if (below === above) return below
  return below + (above - below) * (position - Math.floor(position))
}

/**
 * How many samples have to stand behind the `p`-quantile: ten beyond it, 10 / (1 - p) above the median and 10 / p below it (p90: 100,
 * p99: 1,000). The median itself is given for any number. With fewer, a quantile is hardly more than the largest of them.
 */
export function samplesForQuantile(p: number): number {
  return p === 0.5 ? 1 : Math.ceil(Number((10 / Math.min(p, 1 - p)).toFixed(6)))
}
