/**
 * Processes as a unit above the trial. Two processes of one program differ for as long as they live (placement, compiled code, memory
 * layout), so trials of one process are more alike than those of several, and any number of them does not show how several
 * differ: Kalibera & Jones, "Rigorous benchmarking in reasonable time" (ISMM 2013), "repeat at the level that varies most".
 */
import { ascending } from '../../base/groups.ts'
import { type Mean, meanDifference, meanInterval, meanOf, meanP } from './means.ts'
import { LEAST_FOR_INTERVAL, sortedMedian, sortedMedianInterval } from './medians.ts'
import { type Interval, sortedKnown } from './quantiles.ts'
import { incompleteBeta, normalUpperTail, studentQuantile } from './special.ts'

/** Samples by the number of their process (or run), in the order of these; undefined where one is unknown (NaN). Samples that are NaN are left out. */
export function splitBy(
  samples: ArrayLike<number>,
  numbers: ArrayLike<number> | undefined,
): readonly Float64Array[] | undefined {
  if (!numbers) return undefined
  const groups = new Map<number, number[]>()
  for (let i = 0; i < samples.length; i++) {
    const [sample, number] = [samples[i] ?? Number.NaN, numbers[i] ?? Number.NaN]
    if (Number.isNaN(sample)) continue
    if (Number.isNaN(number)) return undefined
    const group = groups.get(number)
    if (group) group.push(sample)
    else groups.set(number, [sample])
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

/** A median of samples. */
export interface Estimate extends Certainty {
  /** How many samples have a value. */
  readonly n: number
  readonly median: number
}

/** How sure a median is; nothing for a single sample. */
export interface Certainty {
  /** 95 %; absent where fewer than six trials, or processes that differ, stand behind the median. */
  readonly interval?: Interval
  /** There in place of the interval: from the least of them to the largest; of processes, by their medians. */
  readonly range?: Interval & { readonly of: 'trials' | 'processes' }
}

/**
 * The median of samples in any order; undefined without any. Where the processes that they come from are known and differ, the processes
 * are the sample: the interval, or range, is that of their medians, and wide enough to hold the median of all.
 */
export function estimateOver(
  samples: ArrayLike<number>,
  processes: ArrayLike<number> | undefined,
): Estimate | undefined {
  const sorted = sortedKnown(samples)
  if (sorted.length === 0) return undefined
  const median = sortedMedian(sorted)
  const groups = splitBy(samples, processes)
  const differ = groups && processesDiffer(groups)
  const basis = differ ? mediansOf(groups).sort() : sorted
  const found = sortedMedianInterval(basis)
  const estimate = { n: sorted.length, median }
  if (!found) return estimate
  const ends = { low: Math.min(found.low, median), high: Math.max(found.high, median) }
  if (basis.length >= LEAST_FOR_INTERVAL) return { ...estimate, interval: ends }
  return { ...estimate, range: { ...ends, of: differ ? 'processes' : 'trials' } }
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
export function levelOfProcesses(groups: readonly Float64Array[]): ProcessLevel | undefined {
  return groups.length < 2 ? undefined : levelOf(meanOf(mediansOf(groups)), groups.length)
}

/**
 * The same of the difference between two sets of processes, other less base: Welch's interval and test. Undefined for fewer than two
 * processes on a side.
 */
export function levelBetween(
  base: readonly Float64Array[],
  other: readonly Float64Array[],
): ProcessLevel | undefined {
  const fewer = Math.min(base.length, other.length)
  if (fewer < 2) return undefined
  return levelOf(meanDifference(meanOf(mediansOf(base)), meanOf(mediansOf(other))), fewer)
}

function levelOf(level: Mean, processes: number): ProcessLevel {
  const { mean, squared, degrees } = level
  // Without an error, or with an infinite one, there are no degrees of freedom.
  const errors = squared > 0 && squared < Number.POSITIVE_INFINITY ? studentQuantile(THREE_SIGMA, degrees) : 1
  const least = errors * Math.sqrt(squared)
  return { processes, mean, interval: meanInterval(level), p: meanP(level), least }
}

/** The share of the normal distribution below three standard errors. */
const THREE_SIGMA = 1 - normalUpperTail(3)

function mediansOf(groups: readonly Float64Array[]): Float64Array {
  return Float64Array.from(groups, group => sortedMedian(group.toSorted()))
}

/** 1 for the least; equal ones have the mean of theirs. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((a, b) => ascending(values[a] ?? 0, values[b] ?? 0))
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++
    for (let at = from; at < to; at++) ranks[order[at] ?? 0] = (from + to + 1) / 2
    from = to
  }
  return ranks
}
