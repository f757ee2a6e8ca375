/** Several sets as one: the runs that a gate takes for its baseline, once they are known. */

import { groupBy, totals } from '../../base/groups.ts'
import type { CellTrials, TrialSet } from '../read/trial-set.ts'
import { cellKey } from '../schema/cells.ts'

/** The trials of all sets, which hold the same columns and no run in common. */
export function together(label: string, sets: readonly TrialSet[]): TrialSet {
  const [only] = sets
  if (only && sets.length === 1) return { ...only, label }
  let runs = 0
  const parts = sets.flatMap(set => {
    const firstRun = runs
    runs += set.runs.length
    return set.cells.map((trials): Part => ({ trials, firstRun }))
  })
  const columns = groupBy(
    sets.flatMap(set => [...set.environment]),
    ([column]) => column,
  )
  return {
    label,
    runs: sets.flatMap(set => set.runs),
    cells: [...groupBy(parts, ({ trials }) => cellKey(trials.cell)).values()].map(joined),
    environment: new Map(
      [...columns].map(([column, all]) => [column, totals(all.flatMap(([, counts]) => [...counts]))]),
    ),
  }
}

interface Part {
  readonly trials: CellTrials
  /** Index in all runs of the first one of its set. */
  readonly firstRun: number
}

function joined(parts: readonly [Part, ...(readonly Part[])]): CellTrials {
  const all = parts.map(each => each.trials)
  return {
    cell: parts[0].trials.cell,
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
