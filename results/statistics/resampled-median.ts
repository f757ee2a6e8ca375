/**
 * The bootstrap of a median with all resamples, none drawn: how likely each order statistic is a resample's median. Efron, "The
 * Jackknife, the Bootstrap and Other Resampling Plans" (1982), chapter 10; Maritz & Jarrett, JASA 73 (1978).
 */
import { incompleteBeta } from './special.ts'

/** Weights over `n` sorted samples, summing to 1 (to 1e-5); of many samples neighbours are merged, to at most `ATOMS` of them. */
export function resampledMedianWeights(n: number): readonly MedianWeight[] {
  const known = made.get(n)
  if (known) return known
  const shape = (n + 1) / 2
  const reach = Math.ceil(2.5 * Math.sqrt(n)) + 1
  const first = Math.max(0, Math.floor(n / 2) - reach)
  const last = Math.min(n, Math.ceil(n / 2) + reach)
  const step = Math.ceil((last - first) / ATOMS)
  const weights: MedianWeight[] = []
  let before = incompleteBeta(first / n, shape, shape)
  for (let from = first; from < last; from += step) {
    const to = Math.min(last, from + step)
    const upTo = incompleteBeta(to / n, shape, shape)
    weights.push({ index: (from + to - 1) >> 1, weight: upTo - before })
    before = upTo
  }
  if (made.size >= MOST_MADE) made.clear()
  made.set(n, weights)
  return weights
}

export interface MedianWeight {
  readonly index: number
  readonly weight: number
}

/** By `n`: cells of one run mostly have as many samples. */
const made = new Map<number, readonly MedianWeight[]>()
const MOST_MADE = 100

const ATOMS = 64
