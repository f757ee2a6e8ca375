/** The rows of a cell whose trials have several flows (`--streams`, `--receivers`), as one row a trial: see `schema/fold.ts`. */
import type { Cell } from '../schema/cells.ts'
import { type ColumnName, columnOf } from '../schema/columns.ts'
import { foldValue, isWhole, type RatesOver, ratesOver, rowsPerTrial, worstOf } from '../schema/fold.ts'
import type { Value } from '../schema/value.ts'
import { CellRows, FLOW, OUTCOME, ROUND, type RowColumns, RUN, TEXTS, TRIAL } from './cell-rows.ts'

/**
 * @param kept numbers of the rows that are used, in their order: the flows of a trial stand together
 * @returns a row for each trial, and which of these are used; and the rows of trials that lack some of their flows
 */
export function foldRows(
  cell: Cell,
  rows: CellRows,
  kept: Uint32Array,
  columns: RowColumns,
): { readonly rows: CellRows; readonly kept: Uint32Array; readonly partial: readonly number[] } {
  const perTrial = rowsPerTrial(cell)
  if (perTrial === undefined) return { rows, kept, partial: [] }
  const folded = new CellRows(columns.texts.length, columns.numbers.length)
  const partial: number[] = []
  for (const flows of trialsIn(rows, kept)) {
    const numbers = flows.map(row => rows.code(row, FLOW))
    if (isWhole(numbers, perTrial)) addTrial(folded, rows, flows, columns, ratesOver(cell))
    else partial.push(...flows)
  }
  return { rows: folded, kept: new Uint32Array(folded.count).map((_, row) => row), partial }
}

function* trialsIn(rows: CellRows, kept: Uint32Array): Iterable<readonly number[]> {
  let flows: number[] = []
  for (const row of kept) {
    const [first = row] = flows
    const isSame = [RUN, ROUND, TRIAL].every(place => rows.code(row, place) === rows.code(first, place))
    if (!isSame) {
      yield flows
      flows = []
    }
    flows.push(row)
  }
  if (flows.length > 0) yield flows
}

function addTrial(
  folded: CellRows,
  rows: CellRows,
  flows: readonly number[],
  { numbers, texts }: RowColumns,
  rates: RatesOver,
): void {
  const row = folded.addRow()
  const worst = worstOf(flows.map(flow => rows.code(flow, OUTCOME)))
  const numberOf = (name: ColumnName): Value => {
    const place = numbers.indexOf(name)
    const values = flows.map(flow => known(rows.numbers[flow * rows.numberWidth + place]))
    return foldValue(columnOf(name), values, worst, numberOf, rates)
  }
  for (const [place, name] of numbers.entries())
    folded.numbers[row * folded.numberWidth + place] = Number(numberOf(name) ?? Number.NaN)
  const [first = 0] = flows
  const at = row * folded.codeWidth
  for (let place = 0; place < TEXTS; place++) folded.codes[at + place] = rows.code(first, place)
  folded.codes[at + OUTCOME] = rows.code(flows[worst] ?? first, OUTCOME)
  for (const [place, dictionary] of texts.entries()) {
    const values = flows.map(flow => dictionary.values[rows.code(flow, TEXTS + place)])
    folded.codes[at + TEXTS + place] = dictionary.codeOf(
      foldValue(dictionary.column, values, worst, numberOf),
    )
  }
}

/** An empty cell is NaN. */
function known(number: number | undefined): number | undefined {
  return number === undefined || Number.isNaN(number) ? undefined : number
}
