/**
 * Conditions on rows, as `--filter` and thresholds take them: `transport=udp-* chunk<=9216 size=800k,1M engine!=node`. A row is
 * chosen when all of them hold.
 */

import { UsageError } from '../../base/errors.ts'
import { type Cell, isCellField } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { Value } from '../schema/value.ts'
import { columnByName, namesOfColumns, noColumn } from './names.ts'
import { testOf } from './operands.ts'
import { type Part, partsOf } from './parts.ts'

export interface Selector {
  /** As it was written. */
  readonly text: string
  /** What it looks at. */
  readonly columns: readonly ColumnName[]
  /** Whether all conditions hold for a row; `row` gives the value of a column, undefined where empty. */
  matches(row: (column: ColumnName) => Value): boolean
  /** The same for a cell. @throws Error when it looks at a column that a cell has not (see `isOfCells`) */
  matchesCell(cell: Cell): boolean
}

/**
 * `column op value[,value…]`, one or more, with blanks between them (`and` may stand there too); ops are = != < <= > >=.
 * - Columns by their full name, by that of tables (`size`, `chunk`, `rate`, `limit`), or without their unit (`goodput`, `loss`).
 * - `=a,b` holds for a or b, `!=a,b` for neither. Texts may have `*` for anything; a bare word, or several with commas, stands for `transport=`.
 * - Numbers in the unit of the column: `64k`, `1Gbps`, `5ms`, `0.1%`; bare ones are B, bit/s, ms or a ratio. `<` and `>` on
 *   texts are by their natural order: 9 before 10.
 * - `none` is an empty value and `*` one that is not. An empty value is `!=` anything else, and neither < nor > than anything.
 * - What stands in quotes, "a b" or 'none', is meant literally.
 * No condition at all holds for every row.
 * @param options.cellsOnly only columns of a cell may be named, and a name that a table uses for one (`congestion`) means that one
 * @throws UsageError that names the condition
 */
export function parseSelector(text: string, options: { readonly cellsOnly?: boolean } = {}): Selector {
  const parts = partsOf(text)
  const conditions = parts.map(part => conditionOf(part, options.cellsOnly ?? false))
  const [bare, other] = parts.filter(({ isBare }) => isBare)
  if (bare && other)
    throw new UsageError(
      `conditions ${bare.text} and ${other.text}: no row has two transports; write ${bare.text},${other.text} for either`,
    )
  const columns = [...new Set(conditions.map(({ column }) => column))]
  const matches: Selector['matches'] = row => conditions.every(({ column, test }) => test(row(column)))
  return {
    text,
    columns,
    matches,
    matchesCell(cell) {
      const foreign = columns.find(column => !isCellField(column))
      if (foreign !== undefined) throw new Error(`${foreign} is not a column of a cell`)
      return matches(column => (isCellField(column) ? cell[column] : undefined))
    },
  }
}

/** Whether it looks at columns of cells only, so that `matchesCell` can be asked. */
export function isOfCells(selector: Selector): boolean {
  return selector.columns.every(isCellField)
}

interface Condition {
  readonly column: ColumnName
  readonly test: (value: Value) => boolean
}

function conditionOf(part: Part, cellsOnly: boolean): Condition {
  if (part.isBare && columnByName(part.text, cellsOnly) !== undefined)
    throw new UsageError(`condition ${part.text}: it needs an operator and a value, as ${part.text}=VALUE`)
  const column = columnByName(part.name, cellsOnly)
  if (column === undefined) throw new UsageError(`condition ${part.text}: ${noColumn(part.name, cellsOnly)}`)
  if (cellsOnly && !isCellField(column))
    throw new UsageError(
      `condition ${part.text}: ${part.name} is measured, and only requested settings can be used here; use one of ${namesOfColumns(true).join(', ')}`,
    )
  return { column, test: testOf(column, part) }
}
