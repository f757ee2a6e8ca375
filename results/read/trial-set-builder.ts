/** Makes a TrialSet of rows, as they come from a file or from trials that have just been measured. */
import { type Cell, compareCells } from '../schema/cells.ts'
import type { ColumnName, TrialRecord } from '../schema/columns.ts'
import { OUTCOMES } from '../schema/outcome.ts'
import type { Value } from '../schema/value.ts'
import { type Columns, cellTrials } from './cell-trials.ts'
import { Growing } from './growing.ts'
import type { TrialSources } from './repeats.ts'
import { CELL_WIDTH, ENVIRONMENT, ENVIRONMENT_WIDTH, type Place, Row, type Wanted } from './row.ts'
import { RunTable } from './run-table.ts'
import { orderOf } from './trial-order.ts'
import type { TrialSet } from './trial-set.ts'
import { TupleTable } from './tuple-table.ts'

/** The set of these records, none left out but by `filter`. Nothing is checked: they have just been made or parsed. */
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

export interface Finished {
  readonly set: TrialSet
  /** Rows whose run, cell, round and trial another row had before; by the source that they came from. */
  readonly repeated: readonly number[]
}

export class TrialSetBuilder {
  readonly #row: Row
  readonly #cells = new TupleTable(CELL_WIDTH)
  readonly #environments = new TupleTable(ENVIRONMENT_WIDTH)
  readonly #runs: RunTable
  /** Row at which each source begins. */
  readonly #sources: { readonly source: number; readonly start: number }[] = []
  readonly #cellColumn = new Growing(length => new Uint32Array(length))
  readonly #environmentColumn = new Growing(length => new Uint32Array(length))
  readonly #runColumn = new Growing(length => new Uint32Array(length))
  readonly #rounds = new Growing(length => new Uint32Array(length))
  readonly #trials = new Growing(length => new Uint32Array(length))
  readonly #outcomes = new Growing(length => new Uint8Array(length))
  readonly #numbers: readonly Numbers[]
  readonly #texts: readonly Texts[]
  readonly #outcomeSlot: number
  readonly #round: Place
  readonly #trial: Place
  /** By code of the outcome. */
  readonly #outcomeCodes: number[] = []

  constructor(row: Row) {
    this.#row = row
    this.#numbers = [...new Set(row.wanted.numbers)].map(name => ({
      name,
      place: row.place(name),
      values: new Growing(length => new Float64Array(length)),
    }))
    this.#texts = [...new Set(row.wanted.texts)].map(name => ({
      name,
      slot: row.place(name).slot,
      codes: new Growing(length => new Uint32Array(length)),
    }))
    this.#runs = new RunTable(row)
    this.#outcomeSlot = row.place('outcome').slot
    this.#round = row.place('round')
    this.#trial = row.place('trial')
  }

  /** Rows so far. */
  get size(): number {
    return this.#cellColumn.length
  }

  /** Rows that follow are of this source: the number of a file. */
  begin(source: number): void {
    this.#sources.push({ source, start: this.size })
  }

  /** Takes the row as it now is. */
  add(): void {
    const row = this.#row
    const trial = row.number(this.#trial)
    this.#cellColumn.push(this.#cells.indexOf(row.codes, 0))
    this.#environmentColumn.push(this.#environments.indexOf(row.codes, CELL_WIDTH))
    this.#runColumn.push(this.#runs.add(trial))
    this.#rounds.push(row.number(this.#round))
    this.#trials.push(trial)
    this.#outcomes.push(this.#outcomeOf(row.codes[this.#outcomeSlot] ?? 0))
    for (const { place, values } of this.#numbers) values.push(row.number(place))
    for (const { slot, codes } of this.#texts) codes.push(row.codes[slot] ?? 0)
  }

  /** Notes all trials of the run of this code, so that another source knows them again. */
  noteTrials(code: number, known: TrialSources, source: number): void {
    const run = this.#runs.indexOf(code)
    for (let row = 0; row < this.size; row++) {
      if (this.#runColumn.at(row) !== run) continue
      const start = this.#cellColumn.at(row) * CELL_WIDTH
      const cell = this.#cells.tuples.subarray(start, start + CELL_WIDTH)
      known.note(cell, code, { round: this.#rounds.at(row), trial: this.#trials.at(row) }, source)
    }
  }

  /** The set of all rows; the builder is empty afterwards. */
  finish(label: string, { keepRepeated = false } = {}): Finished {
    const runOrder = this.#runs.order()
    const runRanks = ranksOf(runOrder)
    const cells = this.#cellsInOrder(runRanks)
    const ordered = orderOf(
      {
        cells: this.#cellColumn,
        cellRanks: ranksOf(cells.map(({ index }) => index)),
        runs: this.#runColumn,
        runRanks,
        rounds: this.#rounds,
        trials: this.#trials,
      },
      keepRepeated,
    )
    const repeated: number[] = []
    for (const row of ordered.repeated) {
      const source = this.#sources.findLast(({ start }) => start <= row)?.source ?? 0
      repeated[source] = (repeated[source] ?? 0) + 1
    }
    const columns: Columns = {
      runs: this.#runColumn.take(ordered.order).map(run => runRanks[run] ?? 0),
      rounds: this.#rounds.take(ordered.order),
      trials: this.#trials.take(ordered.order),
      outcomes: this.#outcomes.take(ordered.order),
      numbers: new Map(this.#numbers.map(({ name, values }) => [name, values.take(ordered.order)])),
      texts: new Map(
        this.#texts.map(({ name, slot, codes }) => [
          name,
          { codes: codes.take(ordered.order), values: this.#row.dictionaries[slot]?.values ?? [] },
        ]),
      ),
    }
    const trials = countsOf(columns.runs, runOrder.length)
    const environment = this.#environment(this.#environmentColumn.take(ordered.order))
    return {
      set: {
        label,
        runs: runOrder.map((index, rank) => this.#runs.info(index, trials[rank] ?? 0)),
        cells: cells.map(({ cell }, rank) =>
          cellTrials(cell, columns, ordered.starts[rank] ?? 0, ordered.starts[rank + 1] ?? 0),
        ),
        environment,
      },
      repeated,
    }
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
  #cellsInOrder(runRanks: Uint32Array): readonly { readonly cell: Cell; readonly index: number }[] {
    const first = new Float64Array(this.#cells.size).fill(Number.POSITIVE_INFINITY)
    for (let row = 0; row < this.size; row++) {
      const cell = this.#cellColumn.at(row)
      const moment = (runRanks[this.#runColumn.at(row)] ?? 0) * 2 ** 32 + this.#trials.at(row)
      if (moment < (first[cell] ?? 0)) first[cell] = moment
    }
    const cells = Array.from(first, (moment, index) => ({
      cell: this.#row.cell(this.#cells.tuples, index * CELL_WIDTH),
      index,
      moment,
    }))
    const byMoment = cells.toSorted((a, b) => a.moment - b.moment)
    const variants = [...new Set(byMoment.map(({ cell }) => cell.variant))]
    return cells.sort((a, b) => compareCells(a.cell, b.cell, variants))
  }

  /** `trials` are indexes into the environments. */
  #environment(trials: Uint32Array): TrialSet['environment'] {
    const counts = new Map<ColumnName, Map<string, number>>()
    for (const [index, count] of countsOf(trials, this.#environments.size).entries()) {
      for (const [at, name] of ENVIRONMENT.entries()) {
        const code = this.#environments.tuples[index * ENVIRONMENT_WIDTH + at] ?? 0
        if (code === 0) continue
        const value = String(this.#row.dictionaries[CELL_WIDTH + at]?.values[code])
        const values = counts.get(name) ?? new Map<string, number>()
        values.set(value, (values.get(value) ?? 0) + count)
        counts.set(name, values)
      }
    }
    return counts
  }
}

interface Numbers {
  readonly name: ColumnName
  readonly place: Place
  readonly values: Growing<Float64Array>
}

interface Texts {
  readonly name: ColumnName
  readonly slot: number
  readonly codes: Growing<Uint32Array>
}

/** How often each index below `size` occurs. */
function countsOf(indexes: Uint32Array, size: number): Uint32Array {
  const counts = new Uint32Array(size)
  for (const index of indexes) counts[index] = (counts[index] ?? 0) + 1
  return counts
}

/** Where each index stands in `order`. */
function ranksOf(order: readonly number[]): Uint32Array {
  const ranks = new Uint32Array(order.length)
  for (const [rank, index] of order.entries()) ranks[index] = rank
  return ranks
}
