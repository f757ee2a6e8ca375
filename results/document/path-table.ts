/** Several emulated paths in one run: a table of transports and paths. Pure. */
import { groupBy } from '../../base/groups.ts'
import { formatPercent } from '../../base/units.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { nameColumns } from './case-rows.ts'
import { captionedTable, column, NONE } from './figures.ts'
import type { Block, TableCell } from './model.ts'
import { goodputCell } from './table.ts'

/** Nothing for fewer than two paths. */
export function pathBlocks(summaries: readonly CaseSummary[]): readonly Block[] {
  const paths = [...new Set(summaries.flatMap(({ cell }) => cell.path ?? []))]
  if (paths.length < 2) return []
  const rows = [...groupBy(summaries, ({ cell }) => cellKey(withoutPath(cell))).values()]
  const caption = 'Goodput over each path'
  const columns = [
    ...nameColumns(rows.map(([{ cell }]) => ({ cell: withoutPath(cell) }))),
    ...paths.map(path =>
      column(path, 'right', rows, cases => pathCell(cases.find(({ cell }) => cell.path === path))),
    ),
  ]
  return [captionedTable(caption, columns)]
}

function withoutPath(cell: Cell): Cell {
  return { ...cell, path: undefined }
}

/** With what was lost, and what of the path was not applied. */
function pathCell(summary: CaseSummary | undefined): TableCell {
  if (!summary) return NONE
  const { loss, records } = summary
  const leftOut = records.find(each => each.impair_left_out !== undefined)?.impair_left_out
  const notes = [
    ...(loss && loss.lost > 0 ? [`${formatPercent(loss.ratio)} lost`] : []),
    ...(leftOut === undefined ? [] : [`${leftOut} not applied`]),
  ]
  const { detail: _, ...cell } = goodputCell(summary)
  return notes.length > 0 ? { ...cell, detail: notes.join(', ') } : cell
}
