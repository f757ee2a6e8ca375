/** Computes how much other sets differ from the base, row by row, by the rule that each pair of samples permits. */
import type { Cell } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { holmOfTable } from '../statistics/holm.ts'
import type { Basis, Change } from './comparison.ts'
import {
  DELTA_SINGLE_BASELINE,
  type Judgement,
  judgeAgainstRuns,
  judgePairs,
  judgeUnpaired,
  verdictOf,
} from './judge.ts'
import type { Metric } from './metrics.ts'
import { pairUp, shareRuns } from './pairing.ts'
import { gatherColumn, gatherProcesses, type Part, type Row, valuesOf } from './rows.ts'

/** Fewer runs say too little about how runs differ (docs/statistics.md). */
export const MIN_RUNS = 5

export interface ChangeOptions {
  readonly metric: Metric
  readonly base: number
  /** The least effect that counts, of a row by its cell. */
  readonly deltaOf: (cell: Cell) => number
}

/** For each row the change of each set; p after Holm over all of them. */
export function findChanges(
  rows: readonly Row[],
  { metric, base, deltaOf }: ChangeOptions,
): readonly (readonly (Change | undefined)[])[] {
  const judged = rows.map(({ parts }) =>
    parts.map((other, index) =>
      index === base ? undefined : judgeParts(parts[base] ?? [], other, metric.column),
    ),
  )
  const corrected = holmOfTable(judged, each => each?.judgement.p)
  return rows.map(({ cell }, index) => {
    const delta = deltaOf(cell)
    return (judged[index] ?? []).map((each, set): Change | undefined => {
      const pHolm = corrected[index]?.[set]
      if (!each) return undefined
      const { basis, processes, leftOut, judgement } = each
      const { error: _error, byProcesses: _byProcesses, ...told } = judgement
      const least = saysLittle(each) ? Math.max(delta, DELTA_SINGLE_BASELINE) : delta
      return {
        ...told,
        basis,
        ...(processes === undefined ? {} : { processes }),
        leftOut,
        ...(pHolm === undefined ? {} : { pHolm }),
        delta: least,
        verdict: verdictOf(judgement, pHolm, { delta: least, better: metric.better }),
      }
    })
  })
}

interface Judged {
  readonly basis: Basis
  /** Processes of the side that has fewer; undefined if the sides shared them, or if unknown. */
  readonly processes: number | undefined
  readonly leftOut: number
  readonly judgement: Judgement
}

/** How runs, or processes, differ from each other is unknown. */
function saysLittle({ basis, processes, judgement }: Judged): boolean {
  if (basis === 'runs') return false
  return !judgement.paired || processes === 1
}

/**
 * Pairs where at least half of the smaller side's values have a partner. Otherwise all values, in no order: against five runs or
 * more of either side with the variance between these, else as they are.
 */
function judgeParts(base: readonly Part[], other: readonly Part[], column: ColumnName): Judged | undefined {
  if (shareRuns(base, other)) {
    const pairs = pairUp(base, other, column)
    const smaller = Math.min(valuesOf(base, column).length, valuesOf(other, column).length)
    if (pairs.count > 0 && 2 * pairs.count >= smaller) {
      const { shared, numbers } = pairs.processes
      const processes = shared ? undefined : countDistinct(numbers)
      return judged('pairs', judgePairs(pairs.base, pairs.other, pairs.processes), processes, pairs.leftOut)
    }
  }
  const [baseRuns, otherRuns] = [valuesOfRuns(base, column), valuesOfRuns(other, column)]
  if (baseRuns.length >= MIN_RUNS) return judged('runs', judgeAgainstRuns(baseRuns, valuesOf(other, column)))
  if (otherRuns.length >= MIN_RUNS)
    return judged('runs', inverted(judgeAgainstRuns(otherRuns, valuesOf(base, column))))
  const processes = { base: gatherProcesses(base), other: gatherProcesses(other) }
  const counts = [countDistinct(processes.base), countDistinct(processes.other)]
  const fewest = counts.includes(undefined) ? undefined : Math.min(...counts.map(each => each ?? 0))
  const judgement = judgeUnpaired(gatherColumn(base, column), gatherColumn(other, column), processes)
  return judged('single', judgement, fewest)
}

function judged(
  basis: Basis,
  judgement: Judgement | undefined,
  processes?: number,
  leftOut = 0,
): Judged | undefined {
  return judgement && { basis: judgement.byProcesses ? 'processes' : basis, processes, leftOut, judgement }
}

/** Undefined where one is NaN. */
function countDistinct(numbers: ArrayLike<number>): number | undefined {
  const distinct = new Set(Array.from(numbers))
  return distinct.has(Number.NaN) ? undefined : distinct.size
}

/** Seen from the other side. */
function inverted(judgement: Judgement | undefined): Judgement | undefined {
  if (!judgement) return undefined
  const { ratio, interval } = judgement
  return {
    ...judgement,
    ratio: 1 / ratio,
    ...(interval ? { interval: { low: 1 / interval.high, high: 1 / interval.low } } : {}),
  }
}

/** All values that there are, run by run; runs without one are left out. */
function valuesOfRuns(parts: readonly Part[], column: ColumnName): readonly Float64Array[] {
  const byRun = new Map<string, number[]>()
  for (const { set, trials } of parts) {
    const values = trials.numbers(column)
    if (set.runs.length < MIN_RUNS) continue
    for (const [index, value] of values.entries()) {
      if (Number.isNaN(value)) continue
      const id = set.runs[trials.runs[index] ?? 0]?.id ?? ''
      const run = byRun.get(id)
      if (run) run.push(value)
      else byRun.set(id, [value])
    }
  }
  return [...byRun.values()].map(values => Float64Array.from(values))
}
