/** Which process carried a trial. */
import type { CellTrials } from './trial-set.ts'

/** A number for each trial, the same for those of one run and process; NaN where the process is unknown. The trials hold the column `process`. */
export function processesOf(trials: CellTrials): Float64Array {
  return trials.numbers('process').map((process, index) => (trials.runs[index] ?? 0) * 2 ** 32 + process)
}
