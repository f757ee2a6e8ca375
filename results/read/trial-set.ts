/** Trials in columns: what comparisons, gates, reports and trends are made from. A million trials are arrays, not objects. */
import { ascending, sumOf } from '../../base/groups.ts'
import type { Cell } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { OUTCOMES } from '../schema/outcome.ts'
import { type Estimate, estimateOver } from '../statistics/processes.ts'

/** Trials that stand together in a comparison: those of a file, of several files of one name, or of one value of a column. */
export interface TrialSet {
  /** How tables call it. */
  readonly label: string
  /** In the order in which they began. */
  readonly runs: readonly RunInfo[]
  readonly cells: readonly CellTrials[]
  /** Each value of an environment column (`os`, `node_version` …) and in how many trials it stands; empty ones are not counted. */
  readonly environment: ReadonlyMap<ColumnName, ReadonlyMap<string, number>>
}

export interface RunInfo {
  readonly id: string
  /** UTC, ISO 8601. */
  readonly startedAt: string
  readonly commit: string | undefined
  readonly trials: number
}

/** The trials of one cell in one set; index i is one trial in every column. In the order of run, round, trial. */
export interface CellTrials {
  readonly cell: Cell
  readonly count: number
  /** Index into the runs of the set. */
  readonly runs: Uint32Array
  readonly rounds: Uint32Array
  /** Position of each trial in its run. */
  readonly trials: Uint32Array
  /** Indexes into OUTCOMES. */
  readonly outcomes: Uint8Array
  /** A numeric or boolean column (1 and 0); NaN where empty. @throws Error when the reader was not asked for it */
  numbers(column: ColumnName): Float64Array
  /** A text column; undefined where empty. @throws Error when the reader was not asked for it */
  texts(column: ColumnName): readonly (string | undefined)[]
}

/** A number for each trial, the same for those of one run and process; NaN where the process is unknown. The trials hold the column `process`. */
export function processesOf(trials: CellTrials): Float64Array {
  return trials.numbers('process').map((process, index) => (trials.runs[index] ?? 0) * 2 ** 32 + process)
}

/** How many trials these cells have together. */
export function trialsIn(cells: readonly CellTrials[]): number {
  return sumOf(cells, each => each.count)
}

/** Sorts sets of a run each by when it began. */
export function byBeginning(a: TrialSet, b: TrialSet): number {
  const [x = '', y = ''] = [a, b].map(({ runs: [run] }) => `${run?.startedAt} ${run?.id}`)
  return ascending(x, y)
}

/** What stands in an environment column, each once. */
export function environmentValues({ environment }: TrialSet, column: ColumnName): readonly string[] {
  return [...(environment.get(column)?.keys() ?? [])]
}

/** The values of a figure. No total time (NaN) has a trial that did not run to its end, nor one that another program (`--target`) did not confirm. */
export function samplesOf(trials: CellTrials, column: ColumnName): Float64Array {
  const values = trials.numbers(column)
  if (column !== 'total_ms') return values
  const ends = trials.cell.direction === 'send' ? ['completed'] : ['completed', 'incomplete']
  return values.map((value, index) =>
    ends.includes(OUTCOMES[trials.outcomes[index] ?? -1] ?? '') ? value : Number.NaN,
  )
}

/** The median of a figure; undefined where no trial has a value. The trials hold the column `process`, too. */
export function estimateOf(trials: CellTrials, column: ColumnName): Estimate | undefined {
  return estimateOver(samplesOf(trials, column), processesOf(trials))
}

export function hasValues({ cells }: TrialSet, column: ColumnName): boolean {
  return cells.some(trials => trials.numbers(column).some(value => !Number.isNaN(value)))
}
