/** Makes a TrialSet of rows, as they come from a file or from trials that have just been measured. */
import { type Cell, compareCells } from '../schema/cells.ts'
import { type ColumnName, ENVIRONMENT, type TrialRecord } from '../schema/columns.ts'
import { partsOf, ratesOver, rowsPerTrial } from '../schema/fold.ts'
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
  RUN,
  SOURCE,
  TEXTS,
  TRIAL,
} from './cell-rows.ts'
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
  readonly #numberNames: readonly ColumnName[]
  readonly #numbers: readonly Place[]
  readonly #textNames: readonly ColumnName[]
  readonly #texts: readonly number[]
  readonly #outcomeSlot: number
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
    this.#numberNames = [...new Set([...row.wanted.numbers, ...partsOf(row.wanted.numbers)])]
    this.#numbers = this.#numberNames.map(name => row.place(name))
    this.#textNames = [...new Set(row.wanted.texts)]
    this.#texts = this.#textNames.map(name => row.place(name).slot)
    this.#outcomeSlot = row.place('outcome').slot
    this.#round = row.place('round')
    this.#trial = row.place('trial')
    this.#flow = row.place('flow')
  }

  /** Takes the row as it now is. @param source the number of its file */
  add(source = 0): void {
    const row = this.#row
    const trial = row.number(this.#trial)
    const cell = this.#cells.number()
    this.#rows[cell] ??= new CellRows(this.#texts.length, this.#numbers.length)
    const rows = this.#rows[cell]
    const index = rows.addRow()
    const { codes, numbers } = rows
    let at = index * rows.codeWidth
    codes[at + RUN] = this.#runs.add(trial)
    codes[at + ROUND] = row.number(this.#round)
    codes[at + TRIAL] = trial
    codes[at + FLOW] = flowOf(row.number(this.#flow))
    codes[at + OUTCOME] = this.#outcomeOf(row.codes[this.#outcomeSlot] ?? 0)
    codes[at + ENVIRONMENT_NUMBER] = this.#environments.number()
    codes[at + SOURCE] = source
    at += TEXTS
    for (const slot of this.#texts) codes[at++] = row.codes[slot] ?? 0
    at = index * rows.numberWidth
    for (const place of this.#numbers) numbers[at++] = row.number(place)
    this.size++
  }

  /** Notes all trials of the run of this code, so that another source knows them again. */
  noteTrials(code: number, known: TrialSources, source: number): void {
    const run = this.#runs.indexOf(code)
    for (const [number, rows] of this.#rows.entries()) {
      const cell = this.#cells.all[number]
      for (let row = 0; cell && row < rows.count; row++)
        if (rows.code(row, RUN) === run)
          known.note(
            cell,
            code,
            keyOf(rows.code(row, ROUND), rows.code(row, TRIAL), rows.code(row, FLOW)),
            source,
          )
    }
  }

  /** The set of all rows; the builder is empty afterwards. */
  finish(label: string, { keepRepeated = false } = {}): Finished {
    const runOrder = this.#runs.order()
    const runRanks = new Uint32Array(runOrder.length)
    for (const [rank, run] of runOrder.entries()) runRanks[run] = rank
    const asked = {
      numbers: this.#numberNames,
      texts: this.#textNames.map((name, at) => ({
        name,
        values: this.#row.dictionaries[this.#texts[at] ?? 0]?.values ?? [],
      })),
    }
    const texts = this.#texts.flatMap(slot => this.#row.dictionaries[slot] ?? [])
    const repeated: number[] = []
    const partial: number[] = []
    const runTrials = new Uint32Array(runOrder.length)
    const environments = new Uint32Array(this.#environments.all.length)
    const cells = this.#cellsInOrder(runRanks).flatMap(({ cell, number }): CellTrials[] => {
      let rows = this.#rows[number] ?? new CellRows(0, 0)
      // What is long is not held twice for longer than it takes.
      delete this.#rows[number]
      const ordered = orderOf(rows, runRanks, keepRepeated)
      let { kept } = ordered
      for (const row of ordered.repeated) count(repeated, rows.code(row, SOURCE))
      const perTrial = rowsPerTrial(cell)
      if (perTrial !== undefined) {
        const asOne = { perTrial, rates: ratesOver(cell) }
        const folded = foldRows(rows, kept, asOne, { numbers: this.#numberNames, texts })
        for (const row of folded.partial) count(partial, rows.code(row, SOURCE))
        rows = folded.rows
        kept = new Uint32Array(rows.count).map((_, row) => row)
      }
      for (const row of kept) count(environments, rows.code(row, ENVIRONMENT_NUMBER))
      const trials = cellTrials(cell, rows, kept, runRanks, asked)
      for (const run of trials.runs) count(runTrials, run)
      return kept.length > 0 ? [trials] : []
    })
    const runs = runOrder.map((run, rank) => this.#runs.info(run, runTrials[rank] ?? 0))
    return { set: { label, runs, cells, environment: this.#environment(environments) }, repeated, partial }
  }

  #outcomeOf(code: number): number {
    let outcome = this.#outcomeCodes[code]
    if (outcome === undefined) {
      const name = this.#row.dictionaries[this.#outcomeSlot]?.values[code]
      const names: readonly Value[] = OUTCOMES
      outcome = names.indexOf(name)
      this.#outcomeCodes[code] = outcome
    }
    return outcome
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
