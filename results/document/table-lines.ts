/** A table on a terminal: columns beside each other, or, where they do not fit, each row as a few lines. */
import { fits, type GridColumn, gridWidth, ruledGrid } from './grid.ts'
import type { Table } from './model.ts'
import { sparkline } from './sparkline.ts'
import { NO_BREAK, wrapWords } from './text.ts'
import { type Colors, paint } from './tones.ts'

const GAP = 2
/** A column of bars is this wide at least, or not there; and no wider. */
const NARROWEST = 10
const WIDEST = 60

/** Lines of at most `width` columns, without the caption. */
export function tableLines(table: Table, width: number, colors: Colors): readonly string[] {
  const columns = columnsOf(table, colors)
  const lines = ruledGrid(
    [...columns, ...barsWithin(table, width - gridWidth(columns, GAP) - GAP, colors)],
    GAP,
    colors.dim,
  )
  return fits(lines, width) ? lines : paragraphs(columns, width)
}

function columnsOf({ columns, rows }: Table, colors: Colors): readonly GridColumn[] {
  return columns.map(({ title, align }, at) => ({
    title,
    align,
    cells: rows.map(row => {
      const { text = '', spread, detail, tone } = row[at] ?? {}
      const cell = paint([text, spread, detail].filter(Boolean).join(' '), tone, colors)
      return at === 0 ? colors.bold(cell) : cell
    }),
  }))
}

function barsWithin({ bars }: Table, free: number, colors: Colors): readonly GridColumn[] {
  const most = Math.max(0, ...(bars?.rows ?? []).map(({ values }) => values.length))
  if (!bars || free < Math.min(NARROWEST, most)) return []
  const cells = bars.rows.map(({ values, tones }) =>
    sparkline(values, Math.max(1, Math.min(WIDEST, free)))
      .map(({ glyph, to }) => paint(glyph, tones.findLast(({ from }) => from < to)?.tone, colors))
      .join(''),
  )
  return [{ title: bars.title, align: 'left', cells }]
}

function paragraphs([head, ...others]: readonly GridColumn[], width: number): readonly string[] {
  return (head?.cells ?? []).flatMap((name, row) => {
    const words = others.flatMap(({ title, cells }) => {
      const cell = cells[row] ?? ''
      return cell === '' ? [] : [`${title} ${cell}`.replaceAll(' ', NO_BREAK)]
    })
    return [...wrapWords(name, width, '  '), ...wrapWords(`  ${words.join(', ')}`, width, '  ')]
  })
}
