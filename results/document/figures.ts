/** Cells and heads of tables of figures. */
import type { Block, Table, TableCell, TableColumn } from './model.ts'

/** How much room a table of cases has. */
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

/** In place of a figure that there is not. */
export const NONE: TableCell = { text: '–' }

/** A figure in words, which sorts by its value. */
export function figureCell(value: number | null | undefined, format: (value: number) => string): TableCell {
  return value === undefined || value === null ? NONE : { text: format(value), value }
}

/** Heads of columns of names. */
export function names(...titles: readonly string[]): readonly TableColumn[] {
  return titles.map(title => ({ title, align: 'left' }))
}

/** Heads of columns of figures. */
export function figures(...titles: readonly string[]): readonly TableColumn[] {
  return titles.map(title => ({ title, align: 'right' }))
}

export interface Column extends TableColumn {
  readonly cells: readonly TableCell[]
}

export function column<Item>(
  title: string,
  align: Column['align'],
  items: readonly Item[],
  cell: (item: Item, row: number) => TableCell,
): Column {
  return { title, align, cells: items.map(cell) }
}

export function tableOfColumns(caption: string, columns: readonly Column[]): Table {
  const [first] = columns
  const rows = (first?.cells ?? []).map((_, row) => columns.map(({ cells }) => cells[row] ?? NONE))
  return { caption, columns, rows }
}

/** With its caption above it everywhere. */
export function captionedTable(caption: string, columns: readonly Column[]): Block {
  return { kind: 'table', table: { ...tableOfColumns(caption, columns), captioned: true } }
}
