/** Samples with two modes: a scheduler that places processes now together, now apart, say. A single median shows neither. */
import { dip, dipCriticalValue } from './dip.ts'
import { median } from './quantiles.ts'

export interface Modes {
  /** Median of each mode, in the unit of the samples. */
  readonly low: number
  readonly high: number
  /** Samples in the higher mode, 0 to 1. */
  readonly highShare: number
}

/** Modes closer than this factor are not reported. */
const LEAST_FACTOR = 1.1

/**
 * The two modes of positive samples; undefined unless Hartigan's dip test of their logarithms rejects a single mode at 0.1 %, and modes
 * are at least 10 % apart. They are parted where the squares within both are least (Fisher, JASA 53, 1958).
 */
export function modesOf(samples: ArrayLike<number>): Modes | undefined {
  const positive = Float64Array.from(samples)
    .filter(each => each > 0)
    .sort()
  const logs = positive.map(Math.log)
  const critical = dipCriticalValue(logs.length)
  if (critical === undefined || dip(logs) <= critical) return undefined
  const at = bestSplit(logs)
  const [low, high] = [median(positive.subarray(0, at)), median(positive.subarray(at))]
  if (low === undefined || high === undefined || high < low * LEAST_FACTOR) return undefined
  return { low, high, highShare: (positive.length - at) / positive.length }
}

/** Index of the first sample of the second group. */
function bestSplit(sorted: Float64Array): number {
  const n = sorted.length
  const mean = sorted.reduce((sum, each) => sum + each, 0) / n
  let best = { at: 0, between: 0 }
  let below = 0
  for (let at = 1; at < n; at++) {
    below += (sorted[at - 1] ?? 0) - mean
    // Squares between groups: with sums about the common mean, those of both groups are opposite.
    const between = below ** 2 / at + below ** 2 / (n - at)
    if (between > best.between) best = { at, between }
  }
  return best.at
}
