/** Ratios of samples: how many times one is the other, and how sure that is. Worked on logarithms, so that x2 and x0.5 weigh the same. */
import { ascending } from '../../base/groups.ts'
import { meanDifference, meanInterval, meanOf } from './means.ts'
import { LEAST_FOR_INTERVAL, sortedMedian, sortedMedianInterval } from './medians.ts'
import type { Interval } from './quantiles.ts'
import { resampledMedianWeights } from './resampled-median.ts'

/**
 * ln(other / base) of each pair; pairs with NaN are left out. Nothing on both sides is not a difference; nothing on one side is an
 * infinite one, which a median and a sign test take as the largest of all.
 */
export function logRatios(base: ArrayLike<number>, other: ArrayLike<number>): Float64Array {
  return pairRatios(base, other).filter(each => !Number.isNaN(each))
}

/** The same with NaN in place of pairs that have no ratio. */
export function pairRatios(base: ArrayLike<number>, other: ArrayLike<number>): Float64Array {
  const ratios = new Float64Array(Math.min(base.length, other.length))
  for (let i = 0; i < ratios.length; i++) ratios[i] = logRatio(base[i] ?? Number.NaN, other[i] ?? Number.NaN)
  return ratios
}

function logRatio(base: number, other: number): number {
  return base === other ? 0 : Math.log(other / base)
}

/**
 * Standard error of the median of log ratios, as a share (0.02: 2 %): the bootstrap's with all resamples (Maritz & Jarrett, JASA 73,
 * 1978). Undefined for fewer than two pairs.
 */
export function noiseOf(logRatios: ArrayLike<number>): number | undefined {
  if (logRatios.length < 2) return undefined
  const sorted = Float64Array.from(logRatios, finite).sort()
  let [mean, squares] = [0, 0]
  for (const { low, high, weight } of resampledMedianWeights(sorted.length)) {
    const value = sortedMedian([sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN])
    mean += weight * value
    squares += weight * value ** 2
  }
  return Math.sqrt(Math.max(0, squares - mean ** 2))
}

/**
 * 95 % interval of the median of sorted log ratios. Fewer than 6 of them cannot give 95 % by their order: there it is Student's interval of the mean,
 * wide enough to hold the median too, so that nobody reads "no change" off two or three pairs. Undefined for fewer than two.
 */
export function pairedInterval(sorted: ArrayLike<number>): Interval | undefined {
  if (sorted.length < 2) return undefined
  return sorted.length < LEAST_FOR_INTERVAL ? meanInterval(meanOf(sorted)) : sortedMedianInterval(sorted)
}

/**
 * 95 % interval of ln(median other / median base), both sorted and positive or 0: the percentile bootstrap with all resamples. The
 * distribution of a resample's median over the order statistics is known (Efron, "The Jackknife, the Bootstrap and Other Resampling
 * Plans" (1982), chapter 10; Maritz & Jarrett, JASA 73 (1978)), so nothing is drawn.
 * With 3 samples or fewer on a side it would be too narrow: there it is Welch's about the same ratio (Biometrika 34, 1947). Undefined for
 * fewer than two on a side.
 */
export function medianRatioInterval(base: Float64Array, other: Float64Array): Interval | undefined {
  if (base.length < 2 || other.length < 2) return undefined
  if (Math.min(base.length, other.length) < MIN_RESAMPLED) return welchInterval(base, other)
  const [below, above] = [atomsOf(base), atomsOf(other)]
  const all = shareUpTo(Number.POSITIVE_INFINITY, below, above)
  const tail = 0.025 * all
  return {
    low: leastRatio(below, above, share => share > tail),
    high: leastRatio(below, above, share => share >= all - tail),
  }
}

/** Logarithms of the medians that resamples may have, ascending. */
interface Atoms {
  readonly logs: Float64Array
  /** How likely each is. */
  readonly weights: Float64Array
  /** How likely it or a later one is. */
  readonly behind: Float64Array
}

function atomsOf(sorted: Float64Array): Atoms {
  const atoms = resampledMedianWeights(sorted.length)
    .map(({ low, high, weight }) => ({
      log: Math.log(sortedMedian([sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN])),
      weight,
    }))
    .sort((a, b) => ascending(a.log, b.log))
  const weights = Float64Array.from(atoms, each => each.weight)
  const behind = weights.slice()
  for (let i = behind.length - 2; i >= 0; i--) behind[i] = (behind[i] ?? 0) + (behind[i + 1] ?? 0)
  return {
    logs: Float64Array.from(atoms, each => each.log),
    weights,
    behind,
  }
}

/** Logarithms of numbers are within it, and so are their differences. */
const WIDEST_LOG = 1500

/** The least ratio of an atom of `above` to one of `below` up to which the share of all ratios suffices; by halving where it may be. */
function leastRatio(below: Atoms, above: Atoms, suffices: (share: number) => boolean): number {
  let [from, to] = [-WIDEST_LOG, WIDEST_LOG]
  if (suffices(shareUpTo(from, below, above))) return Number.NEGATIVE_INFINITY
  if (!suffices(shareUpTo(to, below, above))) return Number.POSITIVE_INFINITY
  for (;;) {
    const middle = (from + to) / 2
    if (middle === from || middle === to) break
    if (suffices(shareUpTo(middle, below, above))) to = middle
    else from = middle
  }
  let least = to
  let next = 0
  for (const high of above.logs) {
    // Ratios fall along `below`: the last one that is large enough is the least.
    while (next < below.logs.length && difference(high, below.logs[next] ?? 0) > from) next++
    const ratio = next > 0 ? difference(high, below.logs[next - 1] ?? 0) : to
    if (ratio > from && ratio < least) least = ratio
  }
  return least
}

/** The share of the ratios that are not larger. Ratios fall along `below` and rise along `above`, so that one walk finds it. */
function shareUpTo(ratio: number, below: Atoms, above: Atoms): number {
  let share = 0
  let first = 0
  for (let i = 0; i < above.logs.length; i++) {
    const high = above.logs[i] ?? 0
    while (first < below.logs.length && difference(high, below.logs[first] ?? 0) > ratio) first++
    share += (above.weights[i] ?? 0) * (below.behind[first] ?? 0)
  }
  return share
}

/** Nothing on both sides is not a difference. */
function difference(high: number, low: number): number {
  return high === low ? 0 : high - low
}

const MIN_RESAMPLED = 4

/** Of the logarithms' means, about the ratio of the medians. */
function welchInterval(base: Float64Array, other: Float64Array): Interval {
  const mean = logRatio(sortedMedian(base), sortedMedian(other))
  return meanInterval({ ...meanDifference(meanOf(base.map(Math.log)), meanOf(other.map(Math.log))), mean })
}

/** A side on which nothing arrived counts as a million times less. */
export function finite(logRatio: number): number {
  return Math.max(-MOST, Math.min(MOST, logRatio))
}

const MOST = Math.log(1e6)
