/** Several sets as one: the runs that a gate takes for its baseline, once they are known. */

import type { CellTrials, TrialSet } from '../read/trial-set.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'

/** The trials of all sets, which hold the same columns and no run in common. */
export function together(label: string, sets: readonly TrialSet[]): TrialSet {
  const [only] = sets
  if (only && sets.length === 1) return { ...only, label }
  const cells = new Map<string, { readonly cell: Cell; readonly parts: Part[] }>()
  let firstRun = 0
  for (const set of sets) {
    for (const trials of set.cells) {
      const key = cellKey(trials.cell)
      const entry = cells.get(key) ?? { cell: trials.cell, parts: [] }
      cells.set(key, entry)
      entry.parts.push({ trials, firstRun })
    }
    firstRun += set.runs.length
  }
  return {
    label,
    runs: sets.flatMap(set => set.runs),
    cells: [...cells.values()].map(({ cell, parts }) => joined(cell, parts)),
    environment: sets.map(set => set.environment).reduce(added, new Map()),
  }
}

interface Part {
  readonly trials: CellTrials
  /** Index in all runs of the first one of its set. */
  readonly firstRun: number
}

function joined(cell: Cell, parts: readonly Part[]): CellTrials {
  const all = parts.map(each => each.trials)
  return {
    cell,
    count: all.reduce((sum, each) => sum + each.count, 0),
    runs: Uint32Array.from(
      parts.flatMap(({ trials, firstRun }) => Array.from(trials.runs, run => run + firstRun)),
    ),
    rounds: Uint32Array.from(all.flatMap(each => [...each.rounds])),
    trials: Uint32Array.from(all.flatMap(each => [...each.trials])),
    outcomes: Uint8Array.from(all.flatMap(each => [...each.outcomes])),
    numbers: column => Float64Array.from(all.flatMap(each => [...each.numbers(column)])),
    texts: column => all.flatMap(each => [...each.texts(column)]),
  }
}

type Environment = ReadonlyMap<ColumnName, ReadonlyMap<string, number>>

function added(sum: Environment, other: Environment): Environment {
  const columns = new Map(sum)
  for (const [column, counts] of other) {
    const values = new Map(columns.get(column))
    for (const [value, count] of counts) values.set(value, (values.get(value) ?? 0) + count)
    columns.set(column, values)
  }
  return columns
}
