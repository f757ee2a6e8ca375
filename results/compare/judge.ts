/** What two sets of samples say of each other: the rule of docs/statistics.md. Samples are 0 or more, in any unit. */
import type { LossDifference } from '../statistics/loss.ts'
import { sortedMedian } from '../statistics/medians.ts'
import {
  levelBetween,
  levelOfProcesses,
  type ProcessLevel,
  processesDiffer,
  splitBy,
} from '../statistics/processes.ts'
import { type Interval, sortedKnown } from '../statistics/quantiles.ts'
import { mannWhitney, signTest } from '../statistics/rank-tests.ts'
import { logRatios, medianRatioInterval, noiseOf, pairedInterval, pairRatios } from '../statistics/ratios.ts'
import { judgeRuns } from './judge-runs.ts'

/**
 * `better` and `worse` are proven (interval excludes 1, effect of at least delta and LEAST_ERRORS, significant after Holm); `same`: the interval
 * excludes a change of delta either way; `inconclusive`: a change for the worse of delta can be neither proven nor excluded;
 * `no evidence`: anything else.
 */
export type Verdict = 'better' | 'worse' | 'same' | 'no evidence' | 'inconclusive'

/**
 * What a judgement stands on. `pairs`: trials of one run and round. `processes`: medians of processes, of pairs whose sides have processes of
 * their own, or of trials that differ from process to process. `runs`: five runs or more of one side, whose variance is part of the
 * interval. `single`: samples in no order, of fewer runs; runs differ by more than their trials show, so delta is larger.
 */
export type Basis = 'pairs' | 'processes' | 'runs' | 'single'

export interface Judgement {
  readonly basis: Basis
  readonly paired: boolean
  /** Pairs; of unpaired samples the smaller number of both; against several runs, the runs; by processes, the fewer of both sides. */
  readonly n: number
  /** Standard error of ln(ratio), where an effect has to be a multiple of it to count. */
  readonly error?: number | undefined
  /** Other / base: over 1 is more; 0 and Infinity where one side is nothing. */
  readonly ratio: number
  /** Of the ratio, 95 %; absent for fewer than two samples. */
  readonly interval?: Interval
  /** Two-sided, before Holm. */
  readonly p?: number
}

/** What an effect has to be at least, as a share: a factor of 1.05 either way. */
export const DELTA = 0.05
/** The largest p, after Holm, that counts as significant. */
export const ALPHA = 0.05
/** Against a single stored run, whose distance to the next run nobody knows. */
export const DELTA_SINGLE_BASELINE = 0.15

/** How many standard errors an effect has to be: docs/statistics.md has what that does to false alarms, and to what is found. */
export const LEAST_ERRORS = 3

/**
 * The largest p at which ratios differ from process to process although sides share these. Small, since no difference between
 * processes can be one between such sides: it only decides what stands for how much the ratio varies.
 */
const SHARED_ALPHA = 0.01

/** Which processes carried the pairs. */
export interface PairProcesses {
  /** A number for each pair, the same for those of one sender and receiver on each side; NaN where that is unknown. */
  readonly numbers: ArrayLike<number>
  /** Both trials of each pair were carried by the same processes. */
  readonly shared: boolean
}

/**
 * base[i] and other[i] belong together; pairs with NaN are left out. Undefined without a pair. Where each side has processes of its own, or
 * ratios differ from process to process, the processes are the sample; else the pairs are, and so they are where nobody knows.
 */
export function judgePairs(
  base: ArrayLike<number>,
  other: ArrayLike<number>,
  processes?: PairProcesses,
): Judgement | undefined {
  const all = pairRatios(base, other)
  const ratios = sortedKnown(all)
  if (ratios.length === 0) return undefined
  const groups = splitBy(all, processes?.numbers)
  const level =
    groups && (!processes?.shared || processesDiffer(groups, SHARED_ALPHA))
      ? levelOfProcesses(groups)
      : undefined
  if (level) return judgementOf(level, true)
  const positive = ratios.filter(each => each > 0).length
  const negative = ratios.filter(each => each < 0).length
  return {
    basis: 'pairs',
    paired: true,
    n: ratios.length,
    ratio: Math.exp(sortedMedian(ratios)),
    ...exponential(pairedInterval(ratios)),
    p: signTest(positive, negative),
    error: noiseOf(ratios),
  }
}

/**
 * Samples in no order, of two runs or of two parts of one. NaN are left out. Undefined when a side is empty.
 * @param processes of the samples of either side: where they differ on one of them, they are the sample
 */
export function judgeUnpaired(
  base: ArrayLike<number>,
  other: ArrayLike<number>,
  processes?: { readonly base: ArrayLike<number>; readonly other: ArrayLike<number> },
): Judgement | undefined {
  const ofBase = splitBy(Float64Array.from(base, Math.log), processes?.base)
  const ofOther = splitBy(Float64Array.from(other, Math.log), processes?.other)
  const level =
    ofBase && ofOther && (processesDiffer(ofBase) || processesDiffer(ofOther))
      ? levelBetween(ofBase, ofOther)
      : undefined
  if (level) return judgementOf(level, false)
  const [x, y] = [sortedKnown(base), sortedKnown(other)]
  const test = mannWhitney(y, x)
  if (!test) return undefined
  return {
    basis: 'single',
    paired: false,
    n: Math.min(x.length, y.length),
    ratio: Math.exp(logRatios([sortedMedian(x)], [sortedMedian(y)])[0] ?? 0),
    ...exponential(medianRatioInterval(x, y)),
    p: test.p,
  }
}

/**
 * A new run against several runs of the base (five or more, says method.md: DELTA_SINGLE_BASELINE is for fewer): how much medians of
 * runs differ from each other is part of the interval. Undefined for fewer than two runs or without samples.
 */
export function judgeAgainstRuns(
  baseRuns: readonly ArrayLike<number>[],
  other: ArrayLike<number>,
): Judgement | undefined {
  const judged = judgeRuns(baseRuns.map(sortedKnown), sortedKnown(other))
  if (!judged) return undefined
  const { runs, logRatio, interval, p } = judged
  return { basis: 'runs', paired: false, n: runs, ratio: Math.exp(logRatio), ...exponential(interval), p }
}

/** `delta` where a machine shows `noise` (of `noiseOf`, an A/A run): three times the noise when that is more. */
export function deltaFor(noise: number | undefined, delta: number = DELTA): number {
  return Math.max(delta, 3 * (noise ?? 0))
}

/** `pHolm` is that of the judgement among all that are judged together. */
export function verdictOf(
  { ratio, interval, error }: Judgement,
  pHolm: number | undefined,
  { delta, better }: { readonly delta: number; readonly better: 'higher' | 'lower' },
): Verdict {
  const factor = 1 + delta
  const least = Math.max(factor, Math.exp(LEAST_ERRORS * (error ?? 0)))
  return verdictBy(ratio, interval, pHolm, {
    none: 1,
    counts: { low: 1 / least, high: least },
    matters: { low: 1 / factor, high: factor },
    better,
  })
}

/** The least difference of loss that counts: a point of a hundred. */
export const LOSS_DELTA = 0.01

/** As `verdictOf`, of a difference of shares lost: fewer is better, and `delta` is a difference. */
export function verdictOfLoss(
  { difference, interval }: LossDifference,
  pHolm: number | undefined,
  delta: number = LOSS_DELTA,
): Verdict {
  const ends = { low: -delta, high: delta }
  return verdictBy(difference, interval, pHolm, { none: 0, counts: ends, matters: ends, better: 'lower' })
}

interface Scale {
  /** No effect at all. */
  readonly none: number
  /** Effects that are outside of it or at its ends count as proven. */
  readonly counts: Interval
  /** Effects within it do not matter. */
  readonly matters: Interval
  readonly better: 'higher' | 'lower'
}

function verdictBy(
  effect: number,
  interval: Interval | undefined,
  pHolm: number | undefined,
  { none, counts, matters, better }: Scale,
): Verdict {
  if (!interval) return 'inconclusive'
  const significant = pHolm !== undefined && pHolm <= ALPHA
  if (significant && interval.low > none && effect >= counts.high)
    return better === 'higher' ? 'better' : 'worse'
  if (significant && interval.high < none && effect <= counts.low)
    return better === 'higher' ? 'worse' : 'better'
  if (interval.low > matters.low && interval.high < matters.high) return 'same'
  const reachesWorse = better === 'higher' ? interval.low <= matters.low : interval.high >= matters.high
  return reachesWorse ? 'inconclusive' : 'no evidence'
}

function judgementOf({ processes, mean, interval, p, least }: ProcessLevel, paired: boolean): Judgement {
  const [ratio, error] = [Math.exp(mean), least / LEAST_ERRORS]
  return { basis: 'processes', paired, n: processes, ratio, ...exponential(interval), p, error }
}

function exponential(interval: Interval | undefined): { interval?: Interval } {
  return interval ? { interval: { low: Math.exp(interval.low), high: Math.exp(interval.high) } } : {}
}
