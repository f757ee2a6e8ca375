/** The trials of one cell as a view of the columns of its whole set. */
import type { Cell } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { Value } from '../schema/value.ts'
import type { CellTrials } from './trial-set.ts'

/** All rows of a set, those of a cell one behind the other. */
export interface Columns {
  readonly runs: Uint32Array
  readonly rounds: Uint32Array
  readonly trials: Uint32Array
  readonly outcomes: Uint8Array
  readonly numbers: ReadonlyMap<ColumnName, Float64Array>
  readonly texts: ReadonlyMap<ColumnName, { readonly codes: Uint32Array; readonly values: readonly Value[] }>
}

/** The rows from `start` to before `end`. */
export function cellTrials(cell: Cell, columns: Columns, start: number, end: number): CellTrials {
  return {
    cell,
    count: end - start,
    runs: columns.runs.subarray(start, end),
    rounds: columns.rounds.subarray(start, end),
    trials: columns.trials.subarray(start, end),
    outcomes: columns.outcomes.subarray(start, end),
    numbers: column => asked(columns.numbers, column).subarray(start, end),
    texts(column) {
      const { codes, values } = asked(columns.texts, column)
      return Array.from(codes.subarray(start, end), code => {
        const value = values[code]
        return value === undefined ? undefined : String(value)
      })
    },
  }
}

function asked<T>(columns: ReadonlyMap<ColumnName, T>, name: ColumnName): T {
  const column = columns.get(name)
  if (!column) throw new Error(`the reader was not asked for the column ${name}`)
  return column
}
