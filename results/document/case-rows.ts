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
import { type Column, column, NONE, tableOfColumns } from './figures.ts'
import type { RowWords, Table, TableCell } from './model.ts'
import { outcomesCell, outcomesOf } from './outcomes.ts'
import { cellText } from './text.ts'

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

/** The cell as the layout has it: with its detail on a line below, if that is stacked. */
export function stackedCell(cell: TableCell, { stacked }: Layout): TableCell {
  const { text, detail, ...rest } = cell
  return stacked && detail !== undefined ? { ...rest, text: `${text}\n(${detail})` } : cell
}

export function withoutDetail(cell: TableCell): TableCell {
  return { ...cell, detail: undefined }
}

/** A line a case: its name, `measures` of it and how its trials ended. */
export function tableOfCases(
  summaries: readonly CaseSummary[],
  measures: readonly Column[],
  { short }: Layout,
  leftOut?: readonly CellField[],
): Table {
  const table = tableOfColumns('', [
    ...nameColumns(summaries, leftOut),
    ...measures,
    column('outcomes', 'left', summaries, each => outcomesCell(each, short)),
  ])
  const inWords = casesInWords(summaries, (_, row) =>
    measures.map(({ title, cells }) =>
      `${title} ${cellText(cells[row] ?? NONE)}`.replaceAll(/\s+/g, ' ').trim(),
    ),
  )
  return { ...table, inWords }
}

/** Each case in words, for a terminal that no table fits. */
export function casesInWords(
  summaries: readonly CaseSummary[],
  figuresOf: (summary: CaseSummary, row: number) => readonly string[],
): readonly RowWords[] {
  const fields = tellingFields(summaries.map(each => each.cell))
  return summaries.map((summary, row) => ({
    name: `${describeCell(summary.cell, fields)}: ${outcomesOf(summary).join(', ')}`,
    lines: [{ figures: figuresOf(summary, row) }],
  }))
}
