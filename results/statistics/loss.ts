/**
 * Loss as a proportion of accepted datagrams. They are not lost one by one but in bursts, so a trial says less than its datagrams
 * counted as if each fell for itself; it is the trials that are independent.
 */
import { newcombe, type Share, wilson, Z95 } from './proportions.ts'
import { mannWhitney } from './rank-tests.ts'
import { studentQuantile } from './special.ts'

/** One number a trial, in datagrams; trials with NaN are left out. */
export interface TrialLosses {
  readonly lost: ArrayLike<number>
  readonly accepted: ArrayLike<number>
}

/** Of all datagrams together; its interval is for as many as the trials are worth: those of one trial are lost together. */
export interface LossShare extends Share {
  readonly lost: number
  readonly accepted: number
  /** That accepted datagrams. */
  readonly trials: number
}

export interface LossDifference {
  /** Other - base, in shares: 0.02 is two points of a hundred more. */
  readonly difference: number
  readonly interval: { readonly low: number; readonly high: number }
  /** Two-sided. */
  readonly p: number
}

/**
 * The share lost and its 95 % interval: Wilson's on the effective numbers of Rao & Scott, "A simple method for the analysis of clustered
 * binary data", Biometrics 48 (1992), both divided by the design effect, with Student's t instead of z for the few trials that it is known
 * from (Korn & Graubard, Survey Methodology 24, 1998). A single trial counts as one draw. When nothing (or everything) was lost, nothing is known of
 * bursts and datagrams count one by one. Undefined when no datagram was accepted.
 */
export function lossInterval(lost: ArrayLike<number>, accepted: ArrayLike<number>): LossShare | undefined {
  const tally = tallyOf({ lost, accepted })
  return tally && shareOf(tally)
}

/**
 * Interval of the difference by Newcombe's method from the two intervals above, where a side without any loss takes the design effect of
 * the other; and the Mann-Whitney test of the shares that trials lost, which holds its level however rare and long bursts are, where a
 * test of proportions on effective numbers does not (docs/statistics.md). Undefined when a side accepted no datagram.
 */
export function lossDifference(base: TrialLosses, other: TrialLosses): LossDifference | undefined {
  const [x, y] = [tallyOf(base), tallyOf(other)]
  const p = x && y && mannWhitney(x.shares, y.shares)?.p
  if (!x || !y || p === undefined) return undefined
  const [before, after] = [shareOf(x, y.designEffect), shareOf(y, x.designEffect)]
  return { difference: after.ratio - before.ratio, interval: newcombe(before, after), p }
}

interface Tally {
  readonly lost: number
  readonly accepted: number
  /** Of each trial. */
  readonly shares: Float64Array
  /** How many datagrams count as one; undefined where nothing or everything was lost. */
  readonly designEffect: number | undefined
}

function tallyOf({ lost, accepted }: TrialLosses): Tally | undefined {
  let [allLost, allAccepted, trials] = [0, 0, 0]
  const most = Math.min(lost.length, accepted.length)
  const shares = new Float64Array(most)
  const sizes = new Float64Array(most)
  for (let i = 0; i < most; i++) {
    const [ofTrial = Number.NaN, size = Number.NaN] = [lost[i], accepted[i]]
    if (!(size > 0) || Number.isNaN(ofTrial)) continue
    shares[trials] = ofTrial / size
    sizes[trials++] = size
    allLost += ofTrial
    allAccepted += size
  }
  if (trials === 0) return undefined
  const ratio = allLost / allAccepted
  const tally = { lost: allLost, accepted: allAccepted, shares: shares.subarray(0, trials) }
  if (ratio <= 0 || ratio >= 1) return { ...tally, designEffect: undefined }
  if (trials === 1) return { ...tally, designEffect: allAccepted }
  // Of a ratio of two sums over clusters: Cochran, "Sampling Techniques" (1977), 6.3.
  let squares = 0
  for (let i = 0; i < trials; i++) squares += ((sizes[i] ?? 0) * ((shares[i] ?? 0) - ratio)) ** 2
  const variance = ((trials / (trials - 1)) * squares) / allAccepted ** 2
  const binomial = (ratio * (1 - ratio)) / allAccepted
  return { ...tally, designEffect: Math.max(1, variance / binomial) }
}

/** `effect` counts where the tally has no design effect of its own. */
function shareOf({ lost, accepted, shares, designEffect }: Tally, effect = 1): LossShare {
  const trials = shares.length
  const z = trials > 1 ? quantileOf(trials) : Z95
  const each = Math.min(designEffect ?? effect, accepted)
  const interval = wilson(lost / each, accepted / each, z) ?? { low: 0, high: 1 }
  return { lost, accepted, trials, ratio: lost / accepted, interval }
}

/** Student's for as many trials; most cells of a run have as many. */
function quantileOf(trials: number): number {
  const z = quantiles.get(trials) ?? studentQuantile(0.975, trials - 1)
  if (quantiles.size >= MOST_QUANTILES) quantiles.clear()
  quantiles.set(trials, z)
  return z
}

const quantiles = new Map<number, number>()
const MOST_QUANTILES = 100
