/** Trials that stand in several places: a run that two files hold must not be held against itself. */
import { CELL_WIDTH, type Row } from './row.ts'
import { TupleTable } from './tuple-table.ts'

/**
 * Tells which source had the trial (run, cell, round and number) of the row as it then is; undefined for a new one, which is noted as one
 * of `source`.
 */
export function repeats(row: Row): (source: number) => number | undefined {
  const [run, round, trial] = [row.place('run_id').slot, row.place('round'), row.place('trial')]
  const groups = new TupleTable(CELL_WIDTH + 1)
  const group = new Uint32Array(CELL_WIDTH + 1)
  const trials = new TupleTable(3)
  const key = new Uint32Array(3)
  const sources: number[] = []
  return source => {
    group.set(row.codes.subarray(0, CELL_WIDTH))
    group[CELL_WIDTH] = row.codes[run] ?? 0
    key[0] = groups.indexOf(group, 0)
    key[1] = row.number(round)
    key[2] = row.number(trial)
    const index = trials.indexOf(key, 0)
    const before = sources[index]
    sources[index] ??= source
    return before
  }
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
