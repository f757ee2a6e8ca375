/** Computes how much other sets differ from the base, row by row, by the rule that each pair of samples permits. */
import type { Cell } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { judgeTogether } from '../statistics/holm.ts'
import { splitBy } from '../statistics/processes.ts'
import type { Change } from './comparison.ts'
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
import { gatherColumn, gatherProcesses, gatherRuns, type Part, type Row, valuesOf } from './rows.ts'

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
  const { column, better } = metric
  const judged = rows.map(({ cell, parts }) => {
    const least = deltaOf(cell)
    return parts.map((other, index) => {
      const found = index === base ? undefined : judgeParts(parts[base] ?? [], other, column)
      return found && { ...found, delta: saysLittle(found) ? Math.max(least, DELTA_SINGLE_BASELINE) : least }
    })
  })
  return judgeTogether(
    judged,
    each => each.judgement.p,
    ({ judgement, processes, leftOut, delta }, pHolm): Change => {
      const { error: _error, ...shown } = judgement
      const verdict = verdictOf(judgement, pHolm, { delta, better })
      return { ...shown, processes, leftOut, pHolm, delta, verdict }
    },
  )
}

interface Judged {
  readonly judgement: Judgement
  /** Processes of the side that has fewer; undefined if the sides shared them, or if unknown. */
  readonly processes?: number | undefined
  readonly leftOut: number
}

/** How runs, or processes, differ from each other is unknown. */
function saysLittle({ processes, judgement: { basis, paired } }: Judged): boolean {
  return basis !== 'runs' && (!paired || processes === 1)
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
      const judgement = judgePairs(pairs.base, pairs.other, pairs.processes)
      const { shared, numbers } = pairs.processes
      const processes = shared ? undefined : countDistinct(numbers)
      return judgement && { judgement, processes, leftOut: pairs.leftOut }
    }
  }
  const byRuns = judgeByRuns(base, other, column)
  if (byRuns) return { judgement: byRuns, leftOut: 0 }
  const sides = { base: gatherProcesses(base), other: gatherProcesses(other) }
  const counts = [countDistinct(sides.base), countDistinct(sides.other)]
  const processes = counts.includes(undefined) ? undefined : Math.min(...counts.map(each => each ?? 0))
  const judgement = judgeUnpaired(gatherColumn(base, column), gatherColumn(other, column), sides)
  return judgement && { judgement, processes, leftOut: 0 }
}

/** Undefined where one is NaN. */
function countDistinct(numbers: ArrayLike<number>): number | undefined {
  const distinct = new Set(Array.from(numbers))
  return distinct.has(Number.NaN) ? undefined : distinct.size
}

/** Seen from the other side. */
export function inverted<Judged extends Pick<Judgement, 'ratio' | 'interval'>>(judged: Judged): Judged {
  const { ratio, interval } = judged
  return {
    ...judged,
    ratio: 1 / ratio,
    ...(interval ? { interval: { low: 1 / interval.high, high: 1 / interval.low } } : {}),
  }
}

/** Against the runs of either side that are enough; undefined if neither's are. */
function judgeByRuns(
  base: readonly Part[],
  other: readonly Part[],
  column: ColumnName,
): Judgement | undefined {
  const [baseRuns, otherRuns] = [valuesOfRuns(base, column), valuesOfRuns(other, column)]
  if (baseRuns.length >= MIN_RUNS) return judgeAgainstRuns(baseRuns, valuesOf(other, column))
  if (otherRuns.length < MIN_RUNS) return undefined
  const judged = judgeAgainstRuns(otherRuns, valuesOf(base, column))
  return judged && inverted(judged)
}

/** All values that there are, run by run; none where the set has too few runs. */
function valuesOfRuns(parts: readonly Part[], column: ColumnName): readonly Float64Array[] {
  const [first] = parts
  if (!first || first.set.runs.length < MIN_RUNS) return []
  return splitBy(gatherColumn(parts, column), gatherRuns(parts)) ?? []
}
