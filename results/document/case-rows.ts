/** What tables of cases have in common, whatever was measured: the names of their rows, and how these are laid out. */
import { given } from '../../base/given.ts'
import { formatMs, formatRate } from '../../base/units.ts'
import {
  type CellField,
  describeCell,
  fieldValue,
  shortenAll,
  tellingFields,
  titleOfField,
} from '../schema/cells.ts'
import type { MedianTime } from '../statistics/figure.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { type Column, column, figureCell, type Layout, NONE, tableOfColumns } from './figures.ts'
import { commonUnit, formatIn, timeCell, titleIn, titleOfEnds, UNITS, usualEnds } from './format.ts'
import type { RowWords, Table, TableCell } from './model.ts'
import { outcomesCell, outcomesOf } from './outcomes.ts'
import { cellText } from './text.ts'

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

/** Medians, and beside or below each its interval, all in one unit if they are close enough. */
export function medianColumn<Item>(
  title: string,
  items: readonly Item[],
  timeOf: (item: Item) => MedianTime | undefined,
  layout: Layout,
): Column {
  const times = items.map(timeOf)
  const usual = usualEnds(times)
  const unit = commonUnit(
    UNITS.ms,
    times.map(each => each?.medianMs),
  )
  return column(titleOfEnds(titleIn(title, unit), usual, layout), 'right', times, time =>
    stackedCell(timeCell(time, usual, unit), layout),
  )
}

/** Times or rates, in one unit if they are close enough. */
export function unitColumn<Item>(
  title: string,
  items: readonly Item[],
  kind: keyof typeof UNITS,
  of: (item: Item) => number | undefined,
): Column {
  const values = items.map(of)
  const unit = commonUnit(UNITS[kind], values)
  const own = kind === 'ms' ? formatMs : formatRate
  return column(titleIn(title, unit, '\n'), 'right', values, each =>
    figureCell(each, value => formatIn(value, unit, own)),
  )
}

export function withoutDetail(cell: TableCell): TableCell {
  return { ...cell, detail: undefined }
}

/** A line a case: its name, `measures` of it and how its trials ended, which stands `below` all where it is the same for each. */
export function tableOfCases(
  summaries: readonly CaseSummary[],
  measures: readonly Column[],
  { short }: Layout,
  { leftOut, below }: { readonly leftOut?: readonly CellField[]; readonly below?: string | undefined } = {},
): Table {
  const [outcomes = '', ...others] = new Set(summaries.map(each => outcomesOf(each).join(', ')))
  const table = tableOfColumns(
    '',
    given(
      ...nameColumns(summaries, leftOut),
      ...measures,
      others.length > 0 && column('outcomes', 'left', summaries, each => outcomesCell(each, short)),
    ),
  )
  const alike = others.length === 0 && `Outcomes: ${outcomes}${summaries.length > 1 ? ' in each case' : ''}.`
  const inWords = casesInWords(summaries, (_, row) =>
    measures.map(({ title, cells }) =>
      `${title} ${cellText(cells[row] ?? NONE)}`.replaceAll(/\s+/g, ' ').trim(),
    ),
  )
  return { ...table, inWords, below: given(below, alike).join(' ') || undefined }
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
