/** Whether the filter of a row's readers chooses it. */
import { isOfCells } from '../select/selector.ts'
import { CELL_WIDTH, type Row } from './row.ts'
import { TupleTable } from './tuple-table.ts'

/** Asks about the row as it then is; a filter that looks at the cell alone is asked once a cell. */
export function choiceOf(row: Row): () => boolean {
  const { filter } = row.wanted
  if (!filter) return () => true
  if (!isOfCells(filter)) return () => filter.matches(row.value)
  const cells = new TupleTable(CELL_WIDTH)
  const known: boolean[] = []
  return () => {
    const cell = cells.indexOf(row.codes, 0)
    known[cell] ??= filter.matches(row.value)
    return known[cell]
  }
}
