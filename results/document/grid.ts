/** Columns of text beside each other, without lines. */
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

export interface GridColumn {
  /** May have several lines. */
  readonly title: string
  readonly align: 'left' | 'right'
  /** May have several lines, and colours. */
  readonly cells: readonly string[]
}

/** The lines of the head, and those of each row; `gap` blanks stand between columns. No line ends with blanks. */
export function layOutGrid(
  columns: readonly GridColumn[],
  gap: number,
): { readonly head: readonly string[]; readonly body: readonly (readonly string[])[] } {
  const widths = columns.map(widthOf)
  const linesOf = (textOf: (column: GridColumn) => string): readonly string[] => {
    const cells = columns.map(column => linesOfCell(textOf(column)))
    const height = Math.max(0, ...cells.map(lines => lines.length))
    return Array.from({ length: height }, (_, line) =>
      columns
        .map(({ align }, at) => padded(cells[at]?.[line] ?? '', widths[at] ?? 0, align))
        .join(' '.repeat(gap))
        .replace(/ +$/, ''),
    )
  }
  const rows = Math.max(0, ...columns.map(column => column.cells.length))
  return {
    head: linesOf(column => column.title),
    body: Array.from({ length: rows }, (_, row) => linesOf(({ cells }) => cells[row] ?? '')),
  }
}

/** A colour ends with a line, and begins again with the next one. */
function linesOfCell(text: string): readonly string[] {
  return (text.includes('\n') ? wrapAnsi(text, Number.POSITIVE_INFINITY, { trim: false }) : text).split('\n')
}

function padded(text: string, width: number, align: GridColumn['align']): string {
  const blanks = ' '.repeat(width - widestLine(text))
  return align === 'left' ? text + blanks : blanks + text
}

/** The length of its longest line. */
export function gridWidth(columns: readonly GridColumn[], gap: number): number {
  return columns.reduce((sum, column) => sum + widthOf(column), 0) + gap * Math.max(0, columns.length - 1)
}

function widthOf({ title, cells }: GridColumn): number {
  return [title, ...cells].reduce((most, text) => Math.max(most, widestLine(text)), 0)
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
