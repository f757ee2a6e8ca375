/** Trials of two sets that belong together: of one run, scenario and round, in the same cell. */
import { numbering } from '../../base/groups.ts'
import { samplesOf } from '../read/trial-set.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { PairProcesses } from './judge.ts'
import { type Part, valuesOf } from './rows.ts'

export interface Pairs {
  readonly count: number
  /** Which processes carried each pair. */
  readonly processes: PairProcesses
  /** base[i] and other[i] are a pair. */
  readonly base: Float64Array
  readonly other: Float64Array
  /** Values on both sides that have no partner. */
  readonly leftOut: number
}

/** Pairs of values of `column`; those in which one side has none are left out. */
export function pairUp(base: readonly Part[], other: readonly Part[], column: ColumnName): Pairs {
  const most = Math.min(...[base, other].map(side => side.reduce((sum, { trials }) => sum + trials.count, 0)))
  const found = {
    count: 0,
    base: new Float64Array(most),
    other: new Float64Array(most),
    processes: new Float64Array(most),
    shared: true,
  }
  const numberOf = numbering()
  for (const left of base) {
    const right = other.find(each => each.key === left.key)
    if (!right) continue
    const [x, y] = [samplesOf(left.trials, column), samplesOf(right.trials, column)]
    const [p, q] = [left.trials.numbers('process'), right.trials.numbers('process')]
    let [run, ofBase, ofOther, number] = [-1, Number.NaN, Number.NaN, Number.NaN]
    for (const [m, n] of partners(left, right, numberOf)) {
      const [value, partner] = [x[m] ?? Number.NaN, y[n] ?? Number.NaN]
      if (Number.isNaN(value) || Number.isNaN(partner)) continue
      if (run !== left.trials.runs[m] || ofBase !== p[m] || ofOther !== q[n]) {
        run = left.trials.runs[m] ?? 0
        ofBase = p[m] ?? Number.NaN
        ofOther = q[n] ?? Number.NaN
        number = Number.isNaN(ofBase + ofOther)
          ? Number.NaN
          : numberOf(JSON.stringify([left.set.runs[run]?.id, ofBase, ofOther]))
      }
      if (ofBase !== ofOther) found.shared = false
      found.processes[found.count] = number
      found.base[found.count] = value
      found.other[found.count++] = partner
    }
  }
  const values = valuesOf(base, column).length + valuesOf(other, column).length
  return {
    count: found.count,
    base: found.base.subarray(0, found.count),
    other: found.other.subarray(0, found.count),
    processes: { numbers: found.processes.subarray(0, found.count), shared: found.shared },
    leftOut: values - 2 * found.count,
  }
}

/** Whether any run has trials in both. */
export function shareRuns(base: readonly Part[], other: readonly Part[]): boolean {
  const runs = new Set(base.flatMap(each => each.set.runs.map(run => run.id)))
  return other.some(each => each.set.runs.some(run => runs.has(run.id)))
}

/** Indexes of trials of one key, in the order of the keys. A key that stands several times pairs first with first, second with second. */
function* partners(
  left: Part,
  right: Part,
  numberOf: (id: string) => number,
): Generator<readonly [number, number]> {
  const [a, b] = [keysOf(left, numberOf), keysOf(right, numberOf)]
  let i = 0
  let j = 0
  while (i < a.order.length && j < b.order.length) {
    const [m, n] = [a.order[i] ?? 0, b.order[j] ?? 0]
    const difference = (a.keys[m] ?? 0) - (b.keys[n] ?? 0)
    if (difference === 0) yield [m, n]
    if (difference <= 0) i++
    if (difference >= 0) j++
  }
}

/** A number for each trial, equal within a round of a scenario of a run, and the order in which these ascend. */
function keysOf({ set, trials }: Part, numberOf: (id: string) => number) {
  const keys = new Float64Array(trials.count)
  const scenarios = trials.texts('scenario')
  let number = 0
  let run: number | undefined
  let scenario: string | undefined
  let ascending = true
  for (let i = 0; i < keys.length; i++) {
    if (trials.runs[i] !== run || scenarios[i] !== scenario) {
      run = trials.runs[i]
      scenario = scenarios[i]
      number = numberOf(JSON.stringify([set.runs[run ?? 0]?.id, scenario]))
    }
    keys[i] = number * 2 ** 32 + (trials.rounds[i] ?? 0)
    if (i > 0 && (keys[i] ?? 0) < (keys[i - 1] ?? 0)) ascending = false
  }
  const order = Uint32Array.from(keys, (_, index) => index)
  if (!ascending) order.sort((m, n) => (keys[m] ?? 0) - (keys[n] ?? 0))
  return { keys, order }
}
