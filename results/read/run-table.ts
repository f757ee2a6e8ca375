/** The runs of a set, gathered from its rows. */
import { ascending } from '../../base/groups.ts'
import type { Dictionary } from './dictionary.ts'
import type { Row } from './row.ts'

export class RunTable {
  readonly #row: Row
  readonly #ids: Dictionary
  readonly #commits: Dictionary
  readonly #runs = new Map<number, Run>()

  constructor(row: Row) {
    this.#row = row
    this.#ids = row.dictionary('run_id')
    this.#commits = row.dictionary('commit')
  }

  /** Notes the row as it now is, and returns the code of its run; `trial` is the row's. */
  add(trial: number): number {
    const code = this.#row.codes[this.#ids.slot] ?? 0
    this.#note(this.#runs.get(code) ?? this.#begin(code, trial), trial)
    return code
  }

  /** In the order in which they began. */
  inOrder(): readonly Readonly<Run>[] {
    return [...this.#runs.values()].sort(
      (a, b) => ascending(a.startedAt, b.startedAt) || ascending(a.id, b.id),
    )
  }

  #begin(code: number, firstTrial: number): Run {
    const id = String(this.#ids.values[code])
    const startedAt = this.#row.startedAt()
    const run: Run = { code, id, startedAt, firstTrial, commit: undefined, commitTrial: 0 }
    this.#runs.set(code, run)
    return run
  }

  #note(run: Run, trial: number): void {
    const commit = this.#row.codes[this.#commits.slot] ?? 0
    if (commit > 0 && (run.commit === undefined || trial < run.commitTrial)) {
      run.commit = String(this.#commits.values[commit])
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
  /** Of its run_id. */
  readonly code: number
  readonly id: string
  startedAt: string
  /** Number of the trial that began then. */
  firstTrial: number
  commit: string | undefined
  /** Number of the trial that the commit is from: the first one that has any. */
  commitTrial: number
}
