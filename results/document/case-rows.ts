/** What tables of cases have in common, whatever was measured: the names of their rows, and how these are laid out. */
import {
  type CellField,
  describeCell,
  fieldValue,
  shortenAll,
  tellingFields,
  titleOfField,
} from '../schema/cells.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { type Column, column } from './figures.ts'
import type { RowWords, TableCell } from './model.ts'
import { outcomesOf } from './outcomes.ts'

export interface Layout {
  /** The cause of a loss stands beside it. */
  readonly cause?: boolean
  /** Outcomes below each other, and no column for refusals where nothing was refused. */
  readonly short?: boolean
  /** The interval stands below the median. */
  readonly stacked?: boolean
  /** Blanks between columns. */
  readonly gap?: number
}

/** The transport, and what else distinguishes the cases. */
export function nameColumns(
  summaries: readonly Pick<CaseSummary, 'cell'>[],
  leftOut: readonly CellField[] = [],
): readonly Column[] {
  const cells = summaries.map(each => each.cell)
  const fields = tellingFields(cells).filter(field => field !== 'transport' && !leftOut.includes(field))
  return [
    column('transport', 'left', cells, ({ transport: text }) => ({ text })),
    ...fields.map(field => {
      const values = shortenAll(cells.map(cell => fieldValue(cell, field)))
      return column(titleOfField(field), 'right', values, text => ({ text }))
    }),
  ]
}

/** The same cell, with its detail on a line below. */
export function stackedCell({ text, detail, ...rest }: TableCell): TableCell {
  return { ...rest, text: detail === undefined ? text : `${text}\n(${detail})` }
}

export function withoutDetail(cell: TableCell): TableCell {
  return { ...cell, detail: undefined }
}

/** Each case in words, for a terminal that no table fits. */
export function casesInWords(
  summaries: readonly CaseSummary[],
  figuresOf: (summary: CaseSummary) => readonly string[],
): readonly RowWords[] {
  const fields = tellingFields(summaries.map(each => each.cell))
  return summaries.map(summary => ({
    name: `${describeCell(summary.cell, fields)}: ${outcomesOf(summary).join(', ')}`,
    lines: [{ figures: figuresOf(summary) }],
  }))
}
