/** A table on a terminal: columns beside each other, or, where they do not fit, each row as a few lines. */
import { fits, type GridColumn, gridWidth, ruledGrid } from './grid.ts'
import type { RowWords, Table, TableCell, TableColumn } from './model.ts'
import { sparkline } from './sparkline.ts'
import { cellText, holdWords, wrapWords } from './text.ts'
import { type Colors, paint } from './tones.ts'

/** A column of bars is this wide at least, or not there; and no wider. */
const NARROWEST = 10
const WIDEST = 60
/** A narrower column of wrapped text cannot be read. */
const NARROWEST_TEXT = 30

/** Lines of at most `width` columns, without the caption. */
export function tableLines(table: Table, width: number, colors: Colors): readonly string[] {
  for (const form of [table, ...(table.narrower ?? [])]) {
    const lines = formLines(form, width, colors)
    if (fits(lines, width)) return lines
  }
  return wordLines(table, width, colors)
}

function formLines(form: Table, width: number, colors: Colors): readonly string[] {
  const { gap = 2, below } = form
  const columns = columnsOf(form, colors)
  const wrapped = wrappedWithin(form, width - gridWidth(columns, gap) - gap)
  const bars = barsWithin(form, width - gridWidth(columns, gap) - gap, colors)
  const lines = ruledGrid([...columns, ...wrapped, ...bars], gap, colors.dim)
  return below === undefined ? lines : [...lines, '', below]
}

function columnsOf({ columns, rows }: Table, colors: Colors): readonly GridColumn[] {
  const whole = columns.filter(each => !each.wraps)
  return whole.map(({ title, align }, at) => ({
    title,
    align,
    cells: rows.map(row => {
      const { tone, ...figure } = row[at] ?? { text: '' }
      const cell = paint(cellText(figure), tone, colors)
      return at === 0 ? colors.bold(cell) : cell
    }),
  }))
}

function wrappedWithin({ columns, rows }: Table, free: number): readonly GridColumn[] {
  const last = columns.at(-1)
  if (!last?.wraps) return []
  const width = Math.max(free, NARROWEST_TEXT)
  const cells = rows.map(row => {
    const { text, detail } = row[columns.length - 1] ?? { text: '' }
    return [...wrapWords(text, width), ...(detail ? wrapWords(detail, width, '  ') : [])].join('\n')
  })
  return [{ title: last.title, align: last.align, cells }]
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

/** Each row by its name, and below it what is known of it. */
function wordLines(table: Table, width: number, colors: Colors): readonly string[] {
  const rows = table.inWords ?? table.rows.map(row => wordsOf(row, table.columns))
  return rows.flatMap(({ name, figures }) => {
    // A figure and what belongs to it stay on one line.
    const held = figures.map(each => holdWords(each, width))
    return [
      ...wrapWords(name, width, '  ').map(line => colors.bold(line)),
      ...(held.length > 0 ? wrapWords(`  ${held.join(', ')}`, width, '  ') : []),
    ]
  })
}

function wordsOf([head, ...others]: readonly TableCell[], [, ...columns]: readonly TableColumn[]): RowWords {
  return {
    name: cellText(head ?? { text: '' }),
    figures: others.flatMap((cell, at) =>
      cell.text === '' ? [] : [`${columns[at]?.title.replaceAll('\n', ' ') ?? ''} ${cellText(cell)}`.trim()],
    ),
  }
}
