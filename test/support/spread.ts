/** A measure of spread that only tests of synthetic machines need. */
import { median } from '../../results/statistics/quantiles.ts'

/** Median absolute deviation from the median, unscaled. */
export function medianAbsoluteDeviation(samples: ArrayLike<number>): number {
  const middle = median(samples) ?? Number.NaN
  return median(Float64Array.from(samples, sample => Math.abs(sample - middle))) ?? Number.NaN
}
