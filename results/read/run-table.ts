/** The runs of a set, gathered from its rows. */
import { ascending } from '../../base/groups.ts'
import type { Row } from './row.ts'
import type { RunInfo } from './trial-set.ts'

export class RunTable {
  readonly #row: Row
  readonly #runSlot: number
  readonly #commitSlot: number
  readonly #runs: Run[] = []
  /** By code of run_id. */
  readonly #indexes: number[] = []

  constructor(row: Row) {
    this.#row = row
    this.#runSlot = row.place('run_id').slot
    this.#commitSlot = row.place('commit').slot
  }

  /** The number of the run of the row as it now is; `trial` is the row's. */
  add(trial: number): number {
    const code = this.#row.codes[this.#runSlot] ?? 0
    const index = this.#indexes[code] ?? this.#begin(code, trial)
    const run = this.#runs[index]
    if (run) this.#note(run, trial)
    return index
  }

  /** The number of the run of this code; undefined where no row is of it. */
  indexOf(code: number): number | undefined {
    return this.#indexes[code]
  }

  /** Numbers of the runs in the order in which they began. */
  order(): readonly number[] {
    return [...this.#runs.keys()].sort((a, b) => compareRuns(this.#runs[a], this.#runs[b]))
  }

  info(index: number, trials: number): RunInfo {
    const run = this.#runs[index]
    if (!run) throw new Error(`no run ${index}`)
    return { id: run.id, startedAt: run.startedAt, commit: run.commit, trials }
  }

  #begin(code: number, trial: number): number {
    const id = String(this.#row.dictionaries[this.#runSlot]?.values[code])
    const startedAt = this.#row.startedAt()
    const index = this.#runs.push({ id, startedAt, firstTrial: trial, commit: undefined, commitTrial: 0 }) - 1
    this.#indexes[code] = index
    return index
  }

  #note(run: Run, trial: number): void {
    const commit = this.#row.codes[this.#commitSlot] ?? 0
    if (commit > 0 && (run.commit === undefined || trial < run.commitTrial)) {
      run.commit = String(this.#row.dictionaries[this.#commitSlot]?.values[commit])
      run.commitTrial = trial
    }
    // Trials are numbered as they ran: the first one of the run began first, and the text of others is not made.
    if (trial > run.firstTrial) return
    const startedAt = this.#row.startedAt()
    if (trial < run.firstTrial || startedAt < run.startedAt) run.startedAt = startedAt
    run.firstTrial = trial
  }
}

interface Run {
  readonly id: string
  startedAt: string
  /** Number of the trial that began then. */
  firstTrial: number
  commit: string | undefined
  /** Number of the trial that the commit is from: the first one that has any. */
  commitTrial: number
}

function compareRuns(a: Run | undefined, b: Run | undefined): number {
  if (!a || !b) return 0
  return ascending(a.startedAt, b.startedAt) || ascending(a.id, b.id)
}
