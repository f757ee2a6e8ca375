/** What the rows of a set say of how it was measured. Pure. */
import type { CellTrials, TrialSet } from '../../../results/read/trial-set.ts'
import type { MeasuredCase } from './measured-cases.ts'

/** The cases of a set: as the latest run had each of them, with the most rounds and processes that any run had. */
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
        processes: mostProcesses(trials),
      },
    ]
  })
}

/** Undefined where rows do not tell. */
function mostProcesses(trials: CellTrials): number | undefined {
  const processes = trials.numbers('process')
  const ofRun = new Map<number, Set<number>>()
  for (const [index, run] of trials.runs.entries()) {
    const process = processes[index] ?? Number.NaN
    if (Number.isNaN(process)) continue
    ofRun.set(run, (ofRun.get(run) ?? new Set<number>()).add(process))
  }
  const counts = [...ofRun.values()].map(each => each.size)
  return counts.length > 0 ? Math.max(...counts) : undefined
}
