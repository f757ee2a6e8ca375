/** Columns of text beside each other, without lines but one under the head. */
import CliTable from 'cli-table3'
import stringWidth from 'string-width'

export interface GridColumn {
  /** May have several lines. */
  readonly title: string
  readonly align: 'left' | 'right'
  /** May have several lines, and colours. */
  readonly cells: readonly string[]
}

/** The lines of the head, and those of the rows; `gap` blanks stand between columns. No line ends with blanks. */
export function layOutGrid(
  columns: readonly GridColumn[],
  gap: number,
): { readonly head: readonly string[]; readonly body: readonly string[] } {
  const table = new CliTable({
    chars: Object.fromEntries(BORDERS.map(name => [name, ''])),
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    colAligns: columns.map(column => column.align),
  })
  const rows = Math.max(0, ...columns.map(column => column.cells.length))
  table.push(columns.map(column => column.title))
  for (let row = 0; row < rows; row++) table.push(columns.map(({ cells }) => cells[row] ?? ''))
  const lines = table.toString().split('\n').map(trimEnd)
  const headLines = Math.max(...columns.map(column => column.title.split('\n').length))
  return { head: lines.slice(0, headLines), body: lines.slice(headLines) }
}

/** The length of its longest line. */
export function gridWidth(columns: readonly GridColumn[], gap: number): number {
  const widths = columns.map(({ title, cells }) =>
    [title, ...cells].reduce((most, text) => Math.max(most, widestLine(text)), 0),
  )
  return widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, columns.length - 1)
}

function widestLine(text: string): number {
  // Most texts are plain, and string-width takes its time.
  return Math.max(...text.split('\n').map(line => (PLAIN.test(line) ? line.length : stringWidth(line))))
}

const PLAIN = /^[\x20-\x7e±–−×…]*$/

/** A line under a head, as long as the longest of `lines`. */
export function ruleUnder(lines: readonly string[]): string {
  return '─'.repeat(Math.max(0, ...lines.map(line => stringWidth(line))))
}

/** No line is longer than `width`. */
export function fits(lines: readonly string[], width: number): boolean {
  return lines.every(line => stringWidth(line) <= width)
}

const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
]

function trimEnd(line: string): string {
  return line.replace(/ +$/, '')
}
