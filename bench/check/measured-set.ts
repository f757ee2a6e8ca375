/** What the rows of a set say of how it was measured. Pure. */
import type { TrialSet } from '../../results/read/trial-set.ts'
import type { MeasuredCase } from './measured-cases.ts'

/** The cases of a set: as the latest run had each of them, with the most rounds that any run had. */
export function measuredCases({ cells }: TrialSet): readonly MeasuredCase[] {
  return cells.flatMap(trials => {
    // Trials are in the order of their runs.
    const last = trials.count - 1
    const scenario = trials.texts('scenario')[last]
    const seed = trials.numbers('seed')[last] ?? Number.NaN
    if (scenario === undefined || Number.isNaN(seed)) return []
    const nodelay = trials.numbers('nodelay')[last] ?? Number.NaN
    return [
      {
        cell: trials.cell,
        ...{ scenario, seed },
        nodelay: Number.isNaN(nodelay) ? undefined : nodelay === 1,
        pinned_cpus: trials.texts('pinned_cpus')[last],
        rounds: trials.rounds.reduce((most, each) => Math.max(most, each), 1),
      },
    ]
  })
}
