/**
 * The bootstrap of a median with all resamples, none drawn: how likely each order statistic, or pair of them, is what a resample's
 * median is made of. Efron, "The Jackknife, the Bootstrap and Other Resampling Plans" (1982), chapter 10; Maritz & Jarrett, JASA 73 (1978).
 */
import { incompleteBeta, logGamma } from './special.ts'

/** A median that resamples have: midway between two order statistics of the samples, which are one where their number is odd. */
export interface MedianWeight {
  readonly low: number
  readonly high: number
  readonly weight: number
}

/**
 * Weights over `n` sorted samples, summing to 1 (to 1e-5); of many samples neighbours are merged. An even number has a median of two order
 * statistics, and so has each of its resamples; where there are over 400 the two are as good as one.
 */
export function resampledMedianWeights(n: number): readonly MedianWeight[] {
  const known = made.get(n)
  if (known) return known
  const isPair = n % 2 === 0 && n <= MOST_PAIRED
  const groups = groupsOf(n, isPair ? PAIR_GROUPS : ATOMS)
  const weights = isPair ? pairWeights(n, groups) : singleWeights(n, groups)
  if (made.size >= MOST_MADE) made.clear()
  made.set(n, weights)
  return weights
}

/** Samples from `from` to before `to`, counted from 0. */
interface Group {
  readonly from: number
  readonly to: number
}

/** The samples about the middle that the median of a resample may be. */
function groupsOf(n: number, most: number): readonly Group[] {
  const reach = Math.ceil(2.5 * Math.sqrt(n)) + 1
  const first = Math.max(0, Math.floor(n / 2) - reach)
  const last = Math.min(n, Math.ceil(n / 2) + reach)
  const step = Math.ceil((last - first) / most)
  return Array.from({ length: Math.ceil((last - first) / step) }, (_, index) => ({
    from: first + index * step,
    to: Math.min(last, first + (index + 1) * step),
  }))
}

function singleWeights(n: number, groups: readonly Group[]): readonly MedianWeight[] {
  const shape = (n + 1) / 2
  const upTo = (count: number) => incompleteBeta(count / n, shape, shape)
  return groups.map(group => ({
    ...{ low: middleOf(group), high: middleOf(group) },
    weight: upTo(group.to) - upTo(group.from),
  }))
}

/**
 * Of n = 2m draws the m-th and the (m + 1)-th lie in two different groups where exactly m draws lie in the first or before it, one of them
 * in it, and the others in the second or behind it, one of them in it. What is left of the m-th has both in one group.
 */
function pairWeights(n: number, groups: readonly Group[]): readonly MedianWeight[] {
  const m = n / 2
  const halfChoices = (logGamma(n + 1) - 2 * logGamma(m + 1)) / 2
  const power = (share: number) => (share > 0 ? Math.exp(halfChoices + m * Math.log(share)) : 0)
  const lower = groups.map(({ from, to }) => power(to / n) - power(from / n))
  const upper = groups.map(({ from, to }) => power((n - from) / n) - power((n - to) / n))
  const upTo = (count: number) => incompleteBeta(count / n, m, m + 1)
  return groups.flatMap((group, at) => {
    const apart = groups.slice(at + 1).map((other, behind) => ({
      low: middleOf(group),
      high: middleOf(other),
      weight: (lower[at] ?? 0) * (upper[at + 1 + behind] ?? 0),
    }))
    const both = apart.reduce((left, { weight }) => left - weight, upTo(group.to) - upTo(group.from))
    return [{ low: middleOf(group), high: middleOf(group), weight: Math.max(0, both) }, ...apart]
  })
}

function middleOf({ from, to }: Group): number {
  return (from + to - 1) >> 1
}

/** By `n`: cells of one run mostly have as many samples. */
const made = new Map<number, readonly MedianWeight[]>()
const MOST_MADE = 100

const ATOMS = 64
const PAIR_GROUPS = 32
const MOST_PAIRED = 400
