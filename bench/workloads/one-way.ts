/** What one-way times of successive messages say. Pure. */
import { quantile } from '../../results/statistics/quantiles.ts'

interface OneWay {
  readonly medianMs: number
  readonly maxMs: number
  /** RFC 3550, 6.4.1. */
  readonly jitterMs: number
  /** RFC 5481, 4.2: the median of the times less the shortest. */
  readonly variationMs: number
}

/**
 * @param timesMs in the order in which messages were sent; NaN for those that were lost. Below 0 where the clocks' error is larger than the
 * way
 * @returns undefined if none arrived
 */
export function oneWay(timesMs: readonly number[]): OneWay | undefined {
  const known = timesMs.filter(ms => !Number.isNaN(ms))
  const [medianMs, maxMs, minMs] = [0.5, 1, 0].map(share => quantile(known, share))
  if (medianMs === undefined || maxMs === undefined || minMs === undefined) return undefined
  let jitterMs = 0
  for (let index = 1; index < known.length; index++)
    jitterMs += (Math.abs((known[index] ?? 0) - (known[index - 1] ?? 0)) - jitterMs) / 16
  return { medianMs, maxMs, jitterMs, variationMs: medianMs - minMs }
}

/** Below the clocks' error nothing is known of a way, nor where that error is unknown. */
export function known(errorMs: number | undefined, ms: number): number | undefined {
  return ms >= Math.max(0, errorMs ?? Number.POSITIVE_INFINITY) ? ms : undefined
}
