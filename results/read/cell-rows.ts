/** The rows of one cell of a set: gathered one by one, then put in the order of run, round, trial and flow. */
import type { Cell } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { Dictionary } from './dictionary.ts'
import type { CellTrials } from './trial-set.ts'

/** Places among the codes of a row; the texts that were asked for follow. */
export const RUN = 0
export const ROUND = 1
export const TRIAL = 2
export const FLOW = 3
export const OUTCOME = 4
export const ENVIRONMENT_NUMBER = 5
export const SOURCE = 6
export const TEXTS = 7

/** A history has thousands of sets of few rows. */
const FIRST_ROWS = 16

export class CellRows {
  count = 0
  /** `codeWidth` of them a row. */
  codes: Uint32Array
  /** `numberWidth` of them a row. */
  numbers: Float64Array
  readonly codeWidth: number
  readonly numberWidth: number

  constructor(texts: number, numbers: number) {
    this.codeWidth = TEXTS + texts
    this.numberWidth = numbers
    this.codes = new Uint32Array(this.codeWidth * FIRST_ROWS)
    this.numbers = new Float64Array(this.numberWidth * FIRST_ROWS)
  }

  addRow(): number {
    if (this.count * this.codeWidth === this.codes.length) {
      const { codes, numbers } = this
      this.codes = new Uint32Array(2 * codes.length)
      this.codes.set(codes)
      this.numbers = new Float64Array(2 * numbers.length)
      this.numbers.set(numbers)
    }
    return this.count++
  }

  code(row: number, place: number): number {
    return this.codes[row * this.codeWidth + place] ?? 0
  }

  numbersOf(rows: Uint32Array, place: number): Float64Array {
    const values = new Float64Array(rows.length)
    for (let at = 0; at < rows.length; at++)
      values[at] = this.numbers[(rows[at] ?? 0) * this.numberWidth + place] ?? Number.NaN
    return values
  }
}

/**
 * Numbers of the rows in their order, and of those that are left out: of the same flow of a trial as the row before them.
 * @param runRanks by code of the run
 */
export function orderOf(rows: CellRows, runRanks: Uint32Array, keepRepeated: boolean) {
  const compare = (a: number, b: number) =>
    (runRanks[rows.code(a, RUN)] ?? 0) - (runRanks[rows.code(b, RUN)] ?? 0) ||
    rows.code(a, ROUND) - rows.code(b, ROUND) ||
    rows.code(a, TRIAL) - rows.code(b, TRIAL) ||
    rows.code(a, FLOW) - rows.code(b, FLOW)
  const order = new Uint32Array(rows.count).map((_, row) => row)
  // Rows mostly come as they ran; equal ones stay as they came, so that the first is kept.
  if (order.some(row => row > 0 && compare(row - 1, row) > 0)) order.sort((a, b) => compare(a, b) || a - b)
  const isRepeated = (row: number, at: number) =>
    !keepRepeated && at > 0 && compare(order[at - 1] ?? 0, row) === 0
  return {
    kept: order.filter((row, at) => !isRepeated(row, at)),
    repeated: order.filter(isRepeated),
  }
}

/** The columns that rows have beside those places, in their order. */
export interface RowColumns {
  readonly numbers: readonly ColumnName[]
  readonly texts: readonly Dictionary[]
}

/** @param kept the rows that are used, in their order */
export function cellTrials(
  cell: Cell,
  rows: CellRows,
  kept: Uint32Array,
  runRanks: Uint32Array,
  columns: RowColumns,
): CellTrials {
  const codes = (place: number) => kept.map(row => rows.code(row, place))
  const numbers = new Map(columns.numbers.map((name, place) => [name, rows.numbersOf(kept, place)]))
  const texts = new Map(
    columns.texts.map(({ column, values }, place) => [column.name, { codes: codes(TEXTS + place), values }]),
  )
  return {
    cell,
    count: kept.length,
    runs: codes(RUN).map(code => runRanks[code] ?? 0),
    rounds: codes(ROUND),
    trials: codes(TRIAL),
    outcomes: Uint8Array.from(codes(OUTCOME)),
    numbers: column => known(numbers, column),
    texts(column) {
      const { codes, values } = known(texts, column)
      return Array.from(codes, code => {
        const value = values[code]
        return value === undefined ? undefined : String(value)
      })
    },
  }
}

function known<T>(columns: ReadonlyMap<ColumnName, T>, name: ColumnName): T {
  const column = columns.get(name)
  if (!column) throw new Error(`the reader was not asked for the column ${name}`)
  return column
}
