/** Makes a TrialSet of rows, as they come from a file or from trials that have just been measured. */
import { type Cell, compareCells } from '../cells.ts'
import type { ColumnName, TrialRecord } from '../columns.ts'
import { OUTCOMES } from '../outcome.ts'
import { type Columns, cellTrials } from './cell-trials.ts'
import { Growing } from './growing.ts'
import { CELL_WIDTH, ENVIRONMENT, ENVIRONMENT_WIDTH, type Place, Row, type Wanted } from './row.ts'
import { orderOf } from './trial-order.ts'
import type { RunInfo, TrialSet } from './trial-set.ts'
import { TupleTable } from './tuple-table.ts'
import type { Value } from './value.ts'

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
  readonly #runs: Run[] = []
  /** By code of run_id. */
  readonly #runIndexes: number[] = []
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
  readonly #slots: Readonly<Record<'run' | 'commit' | 'outcome', number>>
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
    this.#slots = {
      run: row.place('run_id').slot,
      commit: row.place('commit').slot,
      outcome: row.place('outcome').slot,
    }
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
    this.#runColumn.push(this.#runOf(trial))
    this.#rounds.push(row.number(this.#round))
    this.#trials.push(trial)
    this.#outcomes.push(this.#outcomeOf(row.codes[this.#slots.outcome] ?? 0))
    for (const { place, values } of this.#numbers) values.push(row.number(place))
    for (const { slot, codes } of this.#texts) codes.push(row.codes[slot] ?? 0)
  }

  /** The set of all rows; the builder is empty afterwards. */
  finish(label: string, { keepRepeated = false } = {}): Finished {
    const runOrder = this.#runs
      .map((_, index) => index)
      .sort((a, b) => compareRuns(this.#runs[a], this.#runs[b]))
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
    const trials = countsOf(columns.runs, this.#runs.length)
    const runs = runOrder.flatMap((index, rank) => runInfo(this.#runs[index], trials[rank] ?? 0))
    const environment = this.#environment(this.#environmentColumn.take(ordered.order))
    return {
      set: {
        label,
        runs,
        cells: cells.map(({ cell }, rank) =>
          cellTrials(cell, columns, ordered.starts[rank] ?? 0, ordered.starts[rank + 1] ?? 0),
        ),
        environment,
      },
      repeated,
    }
  }

  #runOf(trial: number): number {
    const row = this.#row
    const code = row.codes[this.#slots.run] ?? 0
    let index = this.#runIndexes[code]
    if (index === undefined) {
      const id = String(row.dictionaries[this.#slots.run]?.values[code])
      index =
        this.#runs.push({
          id,
          startedAt: row.startedAt(),
          firstTrial: trial,
          commit: undefined,
          commitTrial: 0,
        }) - 1
      this.#runIndexes[code] = index
    }
    const run = this.#runs[index]
    if (!run) return index
    const commit = row.codes[this.#slots.commit] ?? 0
    if (commit > 0 && (run.commit === undefined || trial < run.commitTrial)) {
      run.commit = String(row.dictionaries[this.#slots.commit]?.values[commit])
      run.commitTrial = trial
    }
    // Trials are numbered as they ran: the first one of the run began first.
    if (trial <= run.firstTrial) {
      const startedAt = row.startedAt()
      if (trial < run.firstTrial || startedAt < run.startedAt) run.startedAt = startedAt
      run.firstTrial = trial
    }
    return index
  }

  #outcomeOf(code: number): number {
    let outcome = this.#outcomeCodes[code]
    if (outcome === undefined) {
      const name = this.#row.dictionaries[this.#slots.outcome]?.values[code]
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

interface Run {
  readonly id: string
  startedAt: string
  firstTrial: number
  commit: string | undefined
  /** Number of the trial that the commit is from: the first one that has any. */
  commitTrial: number
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

function runInfo(run: Run | undefined, trials: number): readonly RunInfo[] {
  if (!run) return []
  return [{ id: run.id, startedAt: run.startedAt, commit: run.commit, trials }]
}

function compareRuns(a: Run | undefined, b: Run | undefined): number {
  if (!a || !b) return 0
  return compareTexts(a.startedAt, b.startedAt) || compareTexts(a.id, b.id)
}

/** By code units, as ISO 8601 times are ordered. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
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
