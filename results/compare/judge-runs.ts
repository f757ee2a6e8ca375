/** A run against several others: runs differ from each other by more than their trials show. */
import { meanInterval, meanOf, meanP, nextSample } from '../statistics/means.ts'
import { LEAST_FOR_INTERVAL, sortedMedian, sortedMedianInterval } from '../statistics/medians.ts'
import { Z95 } from '../statistics/proportions.ts'
import type { Interval } from '../statistics/quantiles.ts'

interface JudgedRuns {
  readonly runs: number
  /** ln(median of the new run / geometric mean of the medians of the others). */
  readonly logRatio: number
  readonly interval: Interval
  readonly p: number
}

/**
 * The prediction interval of one more observation, Student's, on the logarithms of the medians of runs: mean +- t s sqrt(1 + 1/k)
 * with k - 1 degrees of freedom. The noise within a run is part of s; what the new run has more of it, having fewer trials, is added.
 * Samples are sorted; runs without any are left out. Undefined for fewer than two runs.
 */
export function judgeRuns(baseRuns: readonly Float64Array[], other: Float64Array): JudgedRuns | undefined {
  const runs = baseRuns.filter(each => each.length > 0)
  const k = runs.length
  if (k < 2 || other.length === 0) return undefined
  const medians = runs.map(each => Math.log(sortedMedian(each)))
  const latest = Math.log(sortedMedian(other))
  if (medians.every(each => each === latest))
    return { runs: k, logRatio: 0, interval: { low: 0, high: 0 }, p: 1 }
  if (![latest, ...medians].every(Number.isFinite)) return withNothing(medians, latest)
  const next = nextSample(meanOf(medians))
  const logRatio = latest - next.mean
  const distance = { ...next, mean: logRatio, squared: next.squared + excessError(runs, other) }
  return { runs: k, logRatio, interval: meanInterval(distance), p: meanP(distance) }
}

/** What the median of the new run may err beyond those of the others, squared: it has fewer trials, or noisier ones. */
function excessError(runs: readonly Float64Array[], other: Float64Array): number {
  const known = runs.map(trialVariance).filter(each => each !== undefined)
  if (known.length === 0) return 0
  const usual = average(known)
  const latest = (trialVariance(other) ?? usual) / other.length
  return Math.max(0, latest - usual * average(runs.map(run => 1 / run.length)))
}

/**
 * n times the squared standard error of a run's median of logarithms, from its interval (McKean & Schrader, Communications in Statistics
 * B 13, 1984); undefined if there are too few samples, or infinite ones.
 */
function trialVariance(sorted: Float64Array): number | undefined {
  const interval = sorted.length < LEAST_FOR_INTERVAL ? undefined : sortedMedianInterval(sorted.map(Math.log))
  if (!interval) return undefined
  const variance = sorted.length * ((interval.high - interval.low) / (2 * Z95)) ** 2
  return Number.isFinite(variance) ? variance : undefined
}

/**
 * Nothing arrived in some runs, by their medians, and logarithms are infinite. Where all runs of the base are one way and the new run is the
 * other, no t is too large for that; where runs of the base differ so, anything may come next.
 */
function withNothing(medians: readonly number[], latest: number): JudgedRuns {
  const runs = medians.length
  const ratios = Float64Array.from(medians, each => (each === latest ? 0 : latest - each)).sort()
  const [low = Number.NaN, high = Number.NaN] = [ratios[0], ratios[runs - 1]]
  if (low === high) return { runs, logRatio: low, interval: { low, high }, p: 0 }
  const interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  return { runs, logRatio: sortedMedian(ratios), interval, p: 1 }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length
}
