/**
 * Processes as a unit above the trial. Two processes of one program differ for as long as they live (placement, compiled code, memory
 * layout), so trials of one process are more alike than those of several, and any number of them does not show how several
 * differ: Kalibera & Jones, "Rigorous benchmarking in reasonable time" (ISMM 2013), "repeat at the level that varies most".
 */
import { sortedMedian, sortedMedianInterval } from './medians.ts'
import type { Interval } from './quantiles.ts'
import { incompleteBeta, normalUpperTail, studentQuantile, studentUpperTail } from './special.ts'

/** Samples of each process, in the order of the processes; undefined where the process of a sample is unknown (NaN). Samples that are NaN are left out. */
export function byProcess(
  samples: ArrayLike<number>,
  processes: ArrayLike<number> | undefined,
): readonly Float64Array[] | undefined {
  if (!processes) return undefined
  const groups = new Map<number, number[]>()
  for (let i = 0; i < samples.length; i++) {
    const [sample, process] = [samples[i] ?? Number.NaN, processes[i] ?? Number.NaN]
    if (Number.isNaN(sample)) continue
    if (Number.isNaN(process)) return undefined
    const group = groups.get(process)
    if (group) group.push(sample)
    else groups.set(process, [sample])
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => Float64Array.from(group))
}

/**
 * Whether samples of one process are more alike than those of several: Kruskal & Wallis' test (JASA 47, 1952) in the form of Conover &
 * Iman (The American Statistician 35, 1981), an analysis of variance of the ranks. To pool what does not differ is what Bancroft (Annals
 * of Mathematical Statistics 15, 1944) calls a preliminary test.
 * @param alpha the largest p that is not put down to chance
 */
export function processesDiffer(groups: readonly Float64Array[], alpha = 0.05): boolean {
  return groups.length > 1 && kruskalWallis(groups) <= alpha
}

/** p of the hypothesis that all groups have one distribution. 1 where no group has two samples. */
function kruskalWallis(groups: readonly Float64Array[]): number {
  const all = groups.flatMap((group, index) => Array.from(group, value => ({ value, index })))
  const ranks = ranksOf(all.map(each => each.value))
  const [n, k] = [all.length, groups.length]
  if (k < 2 || n <= k) return 1
  const middle = (n + 1) / 2
  const sums = groups.map(() => 0)
  let total = 0
  for (const [at, { index }] of all.entries()) {
    const distance = (ranks[at] ?? 0) - middle
    sums[index] = (sums[index] ?? 0) + distance
    total += distance ** 2
  }
  const between = sums.reduce((sum, each, index) => sum + each ** 2 / (groups[index]?.length ?? 1), 0)
  const within = total - between
  if (total === 0) return 1
  if (within <= total * 1e-12) return 0
  const f = between / (k - 1) / (within / (n - k))
  return incompleteBeta((n - k) / (n - k + (k - 1) * f), (n - k) / 2, (k - 1) / 2)
}

/**
 * The 95 % interval of the median of samples in any order. Where the processes that they come from are known and differ, the processes are
 * the sample: it is the interval of their medians, by the order of these, and wide enough to hold the median of all.
 */
export function medianIntervalOver(
  samples: ArrayLike<number>,
  processes: ArrayLike<number> | undefined,
): Interval | undefined {
  const sorted = Float64Array.from(samples)
    .filter(each => !Number.isNaN(each))
    .sort()
  const groups = byProcess(samples, processes)
  if (!groups || !processesDiffer(groups)) return sortedMedianInterval(sorted)
  const interval = sortedMedianInterval(mediansOf(groups).sort())
  const median = sortedMedian(sorted)
  return interval && { low: Math.min(interval.low, median), high: Math.max(interval.high, median) }
}

export interface ProcessLevel {
  readonly processes: number
  /** Mean of the medians of the processes. */
  readonly mean: number
  readonly interval: Interval
  /** Two-sided, of the hypothesis that it is 0. */
  readonly p: number
  /** What it has to be at least: as unlikely by Student's distribution as three standard errors are by the normal one. */
  readonly least: number
}

/**
 * What processes say of a level, each by the median of its samples: Student's interval and test with the processes as the sample, so that
 * the variance between them is the variance that counts (Kalibera & Jones, section 6). Undefined for fewer than two.
 */
export function levelOfProcesses(groups: readonly Float64Array[], level = 0.95): ProcessLevel | undefined {
  const medians = mediansOf(groups)
  const k = medians.length
  if (k < 2) return undefined
  const { mean, squared } = meanOf(medians)
  return about(mean, squared, k - 1, k, level)
}

/**
 * The same of the difference between two sets of processes, other less base: Welch's interval and test (Biometrika 34, 1947). Undefined for
 * fewer than two processes on a side.
 */
export function levelBetween(
  base: readonly Float64Array[],
  other: readonly Float64Array[],
  level = 0.95,
): ProcessLevel | undefined {
  const [k, l] = [base.length, other.length]
  if (k < 2 || l < 2) return undefined
  const [x, y] = [meanOf(mediansOf(base)), meanOf(mediansOf(other))]
  const squared = x.squared + y.squared
  const degrees = squared ** 2 / (x.squared ** 2 / (k - 1) + y.squared ** 2 / (l - 1))
  const difference = x.mean === y.mean ? 0 : y.mean - x.mean
  return about(difference, squared, squared === 0 ? k + l - 2 : degrees, Math.min(k, l), level)
}

/** @param squared the square of the standard error of the mean */
function about(
  mean: number,
  squared: number,
  degrees: number,
  processes: number,
  level: number,
): ProcessLevel {
  if (squared === 0)
    return { processes, mean, interval: { low: mean, high: mean }, p: mean === 0 ? 1 : 0, least: 0 }
  if (!Number.isFinite(squared)) {
    const interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    return { processes, mean, interval, p: 1, least: Number.POSITIVE_INFINITY }
  }
  const error = Math.sqrt(squared)
  const half = studentQuantile((1 + level) / 2, degrees) * error
  const p = 2 * studentUpperTail(Math.abs(mean) / error, degrees)
  const least = studentQuantile(1 - normalUpperTail(3), degrees) * error
  return { processes, mean, interval: { low: mean - half, high: mean + half }, p, least }
}

/** A mean and the square of its standard error; of values that are infinite in part their median, whose error is infinite too. */
function meanOf(values: Float64Array): { readonly mean: number; readonly squared: number } {
  const [first = Number.NaN] = values
  if (values.every(each => each === first)) return { mean: first, squared: 0 }
  if (!values.every(Number.isFinite))
    return { mean: sortedMedian(values.toSorted()), squared: Number.POSITIVE_INFINITY }
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  return { mean, squared: squares / (values.length - 1) / values.length }
}

function mediansOf(groups: readonly Float64Array[]): Float64Array {
  return Float64Array.from(groups, group => sortedMedian(group.toSorted()))
}

/** 1 for the least; equal ones have the mean of theirs. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((a, b) => compare(values[a] ?? 0, values[b] ?? 0))
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++
    for (let at = from; at < to; at++) ranks[order[at] ?? 0] = (from + to + 1) / 2
    from = to
  }
  return ranks
}

/** Infinite values have no difference. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
