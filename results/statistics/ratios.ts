/** Ratios of samples: how many times one is the other, and how sure that is. Worked on logarithms, so that x2 and x0.5 weigh the same. */
import { medianRank, sortedMedianInterval } from './medians.ts'
import type { Interval } from './quantiles.ts'
import { resampledMedianWeights } from './resampled-median.ts'
import { studentQuantile } from './special.ts'

/**
 * ln(other / base) of each pair; pairs with NaN are left out. Nothing on both sides is no difference; nothing on one side is an
 * infinite one, which a median and a sign test take as the largest of all.
 */
export function logRatios(base: ArrayLike<number>, other: ArrayLike<number>): Float64Array {
  const ratios = new Float64Array(Math.min(base.length, other.length))
  let count = 0
  for (let i = 0; i < ratios.length; i++) {
    const ratio = logRatio(base[i] ?? Number.NaN, other[i] ?? Number.NaN)
    if (!Number.isNaN(ratio)) ratios[count++] = ratio
  }
  return ratios.slice(0, count)
}

export function logRatio(base: number, other: number): number {
  return base === other ? 0 : Math.log(other / base)
}

/**
 * Interval of the median of sorted log ratios. Fewer than 6 of them cannot give 95 % by their order: there it is Student's interval of the mean,
 * wide enough to hold the median too, so that nobody reads "no change" off two or three pairs. Undefined for fewer than two.
 */
export function pairedInterval(sorted: ArrayLike<number>, level = 0.95): Interval | undefined {
  if (sorted.length < 2) return undefined
  return medianRank(sorted.length, level) === 0
    ? studentInterval(sorted, level)
    : sortedMedianInterval(sorted, level)
}

/**
 * Interval of ln(median other / median base), both sorted and positive or 0: the percentile bootstrap with all resamples. The
 * distribution of a resample's median over the order statistics is known (Efron, "The Jackknife, the Bootstrap and Other Resampling
 * Plans" (1982), chapter 10; Maritz & Jarrett, JASA 73 (1978)), so nothing is drawn. Undefined on fewer than two samples a side.
 */
export function medianRatioInterval(
  base: Float64Array,
  other: Float64Array,
  level = 0.95,
): Interval | undefined {
  if (base.length < 2 || other.length < 2) return undefined
  const below = resampledMedianWeights(base.length)
  const above = resampledMedianWeights(other.length)
  const atoms = above.flatMap(mine =>
    below.map(its => ({
      ratio: logRatio(base[its.index] ?? Number.NaN, other[mine.index] ?? Number.NaN),
      weight: mine.weight * its.weight,
    })),
  )
  atoms.sort((a, b) => (a.ratio === b.ratio ? 0 : a.ratio - b.ratio))
  const all = atoms.reduce((sum, each) => sum + each.weight, 0)
  const tail = ((1 - level) / 2) * all
  let seen = 0
  let low = Number.NaN
  for (const { ratio, weight } of atoms) {
    if (Number.isNaN(low) && seen + weight > tail) low = ratio
    seen += weight
    if (seen >= all - tail) return { low, high: ratio }
  }
  return undefined
}

function studentInterval(samples: ArrayLike<number>, level: number): Interval {
  const values = Array.from(samples)
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  const error = Math.sqrt(squares / (values.length - 1) / values.length)
  const half = studentQuantile((1 + level) / 2, values.length - 1) * error
  if (values.every(each => each === values[0])) return { low: mean, high: mean }
  if (!Number.isFinite(half)) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  return { low: mean - half, high: mean + half }
}
