/** Makes a TrialSet of rows, as they come from a file or from trials that have just been measured. */
import { type Cell, compareCells } from '../schema/cells.ts'
import { type ColumnName, ENVIRONMENT, type TrialRecord } from '../schema/columns.ts'
import { partsOf } from '../schema/fold.ts'
import { OUTCOMES } from '../schema/outcome.ts'
import type { Value } from '../schema/value.ts'
import {
  CellRows,
  cellTrials,
  ENVIRONMENT_NUMBER,
  FLOW,
  OUTCOME,
  orderOf,
  ROUND,
  type RowColumns,
  RUN,
  SOURCE,
  TEXTS,
  TRIAL,
} from './cell-rows.ts'
import type { Dictionary } from './dictionary.ts'
import { foldRows } from './fold-rows.ts'
import { CELL_WIDTH, type Place, Row, type Wanted } from './row.ts'
import { flowOf, keyOf, type TrialSources } from './rows-taken.ts'
import { RunTable } from './run-table.ts'
import type { CellTrials, TrialSet } from './trial-set.ts'
import { Tuples } from './tuples.ts'

/** The set of these records, all that `filter` chooses. Nothing is checked: they have just been made or parsed. */
export function trialSet(
  label: string,
  records: Iterable<TrialRecord>,
  wanted: Omit<Wanted, 'by'>,
): TrialSet {
  const row = new Row(wanted)
  const builder = new TrialSetBuilder(row)
  for (const record of records) {
    for (const { name } of row.columns) row.set(name, record[name])
    if (!wanted.filter || wanted.filter.matches(row.value)) builder.add()
  }
  return builder.finish(label, { keepRepeated: true }).set
}

interface Finished {
  readonly set: TrialSet
  /** How many rows repeat one (run, cell, round, trial and flow) of the set, by their source. */
  readonly repeated: readonly number[]
  /** How many are of trials that lack some of their flows. */
  readonly partial: readonly number[]
}

export class TrialSetBuilder {
  /** Rows so far. */
  size = 0
  readonly #row: Row
  readonly #cells: Tuples
  readonly #environments: Tuples
  readonly #runs: RunTable
  /** By number of the cell. */
  readonly #rows: CellRows[] = []
  readonly #columns: RowColumns
  readonly #numbers: readonly Place[]
  readonly #outcomes: Dictionary
  readonly #round: Place
  readonly #trial: Place
  readonly #flow: Place
  /** By code of the outcome. */
  readonly #outcomeCodes: number[] = []

  constructor(row: Row) {
    this.#row = row
    this.#cells = new Tuples(row.codes.subarray(0, CELL_WIDTH))
    this.#environments = new Tuples(row.codes.subarray(CELL_WIDTH, CELL_WIDTH + ENVIRONMENT.length))
    this.#runs = new RunTable(row)
    const { numbers, texts } = row.wanted
    this.#columns = {
      numbers: [...new Set([...numbers, ...partsOf(numbers)])],
      texts: [...new Set(texts)].map(name => row.dictionary(name)),
    }
    this.#numbers = this.#columns.numbers.map(name => row.place(name))
    this.#outcomes = row.dictionary('outcome')
    this.#round = row.place('round')
    this.#trial = row.place('trial')
    this.#flow = row.place('flow')
  }

  /** Takes the row as it now is. @param source the number of its file */
  add(source = 0): void {
    const row = this.#row
    const trial = row.number(this.#trial)
    const cell = this.#cells.number()
    this.#rows[cell] ??= new CellRows(this.#columns.texts.length, this.#numbers.length)
    const rows = this.#rows[cell]
    const index = rows.addRow()
    const { codes, numbers } = rows
    let at = index * rows.codeWidth
    codes[at + RUN] = this.#runs.add(trial)
    codes[at + ROUND] = row.number(this.#round)
    codes[at + TRIAL] = trial
    codes[at + FLOW] = flowOf(row.number(this.#flow))
    codes[at + OUTCOME] = this.#outcomeOf(row.codes[this.#outcomes.slot] ?? 0)
    codes[at + ENVIRONMENT_NUMBER] = this.#environments.number()
    codes[at + SOURCE] = source
    at += TEXTS
    for (const { slot } of this.#columns.texts) codes[at++] = row.codes[slot] ?? 0
    at = index * rows.numberWidth
    for (const place of this.#numbers) numbers[at++] = row.number(place)
    this.size++
  }

  /** Notes all trials of the run of this code, so that another source knows them again. */
  noteTrials(run: number, known: TrialSources, source: number): void {
    for (const [number, rows] of this.#rows.entries()) {
      const cell = this.#cells.all[number]
      for (let row = 0; cell && row < rows.count; row++) {
        if (rows.code(row, RUN) !== run) continue
        const key = keyOf(rows.code(row, ROUND), rows.code(row, TRIAL), rows.code(row, FLOW))
        known.note(cell, run, key, source)
      }
    }
  }

  /** The set of all rows; the builder is empty afterwards. */
  finish(label: string, { keepRepeated = false } = {}): Finished {
    const inOrder = this.#runs.inOrder()
    const runRanks = new Uint32Array(this.#row.dictionary('run_id').values.length)
    for (const [rank, { code }] of inOrder.entries()) runRanks[code] = rank
    const repeated: number[] = []
    const partial: number[] = []
    const runTrials = new Uint32Array(inOrder.length)
    const environments = new Uint32Array(this.#environments.all.length)
    const cells = this.#cellsInOrder(runRanks).flatMap(({ cell, number }): CellTrials[] => {
      const all = this.#rows[number] ?? new CellRows(0, 0)
      // What is long is not held twice for longer than it takes.
      delete this.#rows[number]
      const ordered = orderOf(all, runRanks, keepRepeated)
      const { rows, kept, partial: lacking } = foldRows(cell, all, ordered.kept, this.#columns)
      for (const row of ordered.repeated) count(repeated, all.code(row, SOURCE))
      for (const row of lacking) count(partial, all.code(row, SOURCE))
      for (const row of kept) count(environments, rows.code(row, ENVIRONMENT_NUMBER))
      const trials = cellTrials(cell, rows, kept, runRanks, this.#columns)
      for (const run of trials.runs) count(runTrials, run)
      return kept.length > 0 ? [trials] : []
    })
    const runs = inOrder.map(({ id, startedAt, commit }, rank) => ({
      ...{ id, startedAt, commit },
      trials: runTrials[rank] ?? 0,
    }))
    return { set: { label, runs, cells, environment: this.#environment(environments) }, repeated, partial }
  }

  #outcomeOf(code: number): number {
    const names: readonly Value[] = OUTCOMES
    this.#outcomeCodes[code] ??= names.indexOf(this.#outcomes.values[code])
    return this.#outcomeCodes[code]
  }

  /** As tables sort them; variants as they first ran. */
  #cellsInOrder(runRanks: Uint32Array): readonly { readonly cell: Cell; readonly number: number }[] {
    const cells = this.#rows.map((rows, number) => {
      let moment = Number.POSITIVE_INFINITY
      for (let row = 0; row < rows.count; row++)
        moment = Math.min(moment, (runRanks[rows.code(row, RUN)] ?? 0) * 2 ** 32 + rows.code(row, TRIAL))
      return { cell: this.#row.cell(this.#cells.all[number]), number, moment }
    })
    const byMoment = cells.toSorted((a, b) => a.moment - b.moment)
    const variants = [...new Set(byMoment.map(({ cell }) => cell.variant))]
    return cells.sort((a, b) => compareCells(a.cell, b.cell, variants))
  }

  /** @param trials how many stand in each environment */
  #environment(trials: Uint32Array): TrialSet['environment'] {
    const counts = new Map<ColumnName, Map<string, number>>()
    for (const [number, codes] of this.#environments.all.entries()) {
      for (const [at, name] of ENVIRONMENT.entries()) {
        const code = codes[at] ?? 0
        if (code === 0) continue
        const value = String(this.#row.dictionaries[CELL_WIDTH + at]?.values[code])
        const values = counts.get(name) ?? new Map<string, number>()
        values.set(value, (values.get(value) ?? 0) + (trials[number] ?? 0))
        counts.set(name, values)
      }
    }
    return counts
  }
}

function count(counts: Uint32Array | number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}
