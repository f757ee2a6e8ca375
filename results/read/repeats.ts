/** Trials that stand in several places: a run that two files hold must not be held against itself. */
import { CELL_WIDTH, type Row } from './row.ts'
import { TupleTable } from './tuple-table.ts'

/** Which source has a trial: known by run, cell, round and number. */
export class TrialSources {
  readonly #groups = new TupleTable(CELL_WIDTH + 1)
  readonly #group = new Uint32Array(CELL_WIDTH + 1)
  readonly #trials = new TupleTable(3)
  readonly #key = new Uint32Array(3)
  readonly #sources: number[] = []

  /** The source that had this trial before; undefined for a new one, which is noted as one of `source`. */
  note(
    cell: Uint32Array,
    run: number,
    { round, trial }: { readonly round: number; readonly trial: number },
    source: number,
  ): number | undefined {
    this.#group.set(cell)
    this.#group[CELL_WIDTH] = run
    this.#key[0] = this.#groups.indexOf(this.#group, 0)
    this.#key[1] = round
    this.#key[2] = trial
    const index = this.#trials.indexOf(this.#key, 0)
    const before = this.#sources[index]
    this.#sources[index] ??= source
    return before
  }
}

/** Notes the trial of the row as it then is: see `TrialSources.note`. */
export function repeats(row: Row, known = new TrialSources()): (source: number) => number | undefined {
  const [run, round, trial] = [row.place('run_id').slot, row.place('round'), row.place('trial')]
  return source =>
    known.note(
      row.codes.subarray(0, CELL_WIDTH),
      row.codes[run] ?? 0,
      { round: row.number(round), trial: row.number(trial) },
      source,
    )
}

/** How many rows of each source other sources had before. */
export class RepeatCounts {
  readonly #counts: Map<number, number>[] = []

  /** @param before the source that had the row of `source` already */
  add(source: number, before: number): void {
    this.#counts[source] ??= new Map()
    const counts = this.#counts[source]
    counts.set(before, (counts.get(before) ?? 0) + 1)
  }

  /** Rows of the source by the source that had them before. */
  of(source: number): ReadonlyMap<number, number> {
    return this.#counts[source] ?? new Map()
  }
}
