/** Which rows are taken: those that a filter chooses, and a trial that several files hold only once. */
import { isOfCells } from '../select/selector.ts'
import { CELL_WIDTH, type Row } from './row.ts'
import { Tuples } from './tuples.ts'

/** Which source has a row: known by run, cell, and its key. */
export class TrialSources {
  /** A cell and the code of a run. */
  readonly #group = new Uint32Array(CELL_WIDTH + 1)
  readonly #groups = new Tuples(this.#group)
  readonly #sources = new Map<string, number>()

  /** The source that had this row before; undefined for a new one, which is noted as one of `source`. @param row `keyOf` it */
  note(cell: Uint32Array, run: number, row: string, source: number): number | undefined {
    this.#group.set(cell)
    this.#group[CELL_WIDTH] = run
    const key = `${this.#groups.number()} ${row}`
    const before = this.#sources.get(key)
    if (before === undefined) this.#sources.set(key, source)
    return before
  }
}

/** Notes the trial of the row as it then is: see `TrialSources.note`. */
export function repeats(row: Row, known = new TrialSources()): (source: number) => number | undefined {
  const run = row.dictionary('run_id').slot
  const [round, trial, flow] = [row.place('round'), row.place('trial'), row.place('flow')]
  const cell = row.codes.subarray(0, CELL_WIDTH)
  return source => {
    const key = keyOf(row.number(round), row.number(trial), flowOf(row.number(flow)))
    return known.note(cell, row.codes[run] ?? 0, key, source)
  }
}

/** What distinguishes the rows of a run and a cell. */
export function keyOf(round: number, trial: number, flow: number): string {
  return `${round} ${trial} ${flow}`
}

/** The flow of a row; of files of older versions, which have no such column, the only one. */
export function flowOf(cell: number): number {
  return cell || 1
}

/** Whether the filter of a row's readers chooses the row as it then is; a filter that reads only the cell is asked once a cell. */
export function choiceOf(row: Row): () => boolean {
  const { filter } = row.wanted
  if (!filter) return () => true
  if (!isOfCells(filter)) return () => filter.matches(row.value)
  const cells = new Tuples(row.codes.subarray(0, CELL_WIDTH))
  const known: boolean[] = []
  return () => {
    const cell = cells.number()
    known[cell] ??= filter.matches(row.value)
    return known[cell]
  }
}
