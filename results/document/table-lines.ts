/** A table on a terminal: columns beside each other, or, where they do not fit, each row as a few lines. */
import { fits, type GridColumn, gridWidth, layOutGrid, ruleUnder } from './grid.ts'
import type { RowWords, Table, TableCell, TableColumn } from './model.ts'
import { sparkline } from './sparkline.ts'
import { cellText, holdWords, wrapWords } from './text.ts'
import { type Colors, paint } from './tones.ts'

/** A column of bars is this wide at least, or not there; and no wider. */
const NARROWEST = 10
const WIDEST = 60
/** A narrower column of wrapped text cannot be read. */
const NARROWEST_TEXT = 30

/** Lines of at most `width` columns. */
export function tableLines(table: Table, width: number, colors: Colors): readonly string[] {
  const title = table.captioned ? boldLines(table.caption, width, '', colors) : []
  for (const form of table.forms ?? [() => table]) {
    const lines = formLines(form(), width, colors)
    if (fits(lines, width)) return [...title, ...lines]
  }
  return [...title, ...wordLines(table, width, colors)]
}

/** A line under the heads of columns, if they have any; the names above rows, and what stands below all of them. */
function formLines(form: Table, width: number, colors: Colors): readonly string[] {
  const { gap = 2, above = [], below } = form
  const whole = columnsOf(form, colors)
  const free = width - gridWidth(whole, gap) - gap
  const columns = [...whole, ...wrappedWithin(form, free), ...barsWithin(form, free, colors)]
  const { head, body } = layOutGrid(columns, gap)
  const titled = columns.some(({ title }) => title !== '')
  return [
    ...(titled ? [...head, ruleUnder([...head, ...body.flat()])].map(colors.dim) : []),
    ...body.flatMap((lines, row) => [...boldLines(above[row] ?? '', width, '  ', colors), ...lines]),
    ...(below === undefined ? [] : ['', ...wrapWords(below, width)]),
  ]
}

function columnsOf({ columns, rows, above }: Table, colors: Colors): readonly GridColumn[] {
  const whole = columns.filter(each => !each.wraps)
  return whole.map(({ title, align }, at) => ({
    title,
    align,
    cells: rows.map(row => {
      const { tone, ...figure } = row[at] ?? { text: '' }
      const cell = paint(cellText(figure), tone, colors)
      return at === 0 && !above ? colors.bold(cell) : cell
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
  return rows.flatMap(({ name, lines }) => [
    ...boldLines(name, width, '  ', colors),
    ...lines.flatMap(({ of, figures }) => {
      // A figure and what belongs to it stay on one line.
      const held = figures.map(each => holdWords(each, width)).join(', ')
      if (of !== undefined) return wrapWords(`  ${of}: ${held}`, width, '    ')
      return held === '' ? [] : wrapWords(`  ${held}`, width, '  ')
    }),
  ])
}

function wordsOf([head, ...others]: readonly TableCell[], [, ...columns]: readonly TableColumn[]): RowWords {
  const figures = others.flatMap((cell, at) =>
    cell.text === '' ? [] : [`${columns[at]?.title.replaceAll('\n', ' ') ?? ''} ${cellText(cell)}`.trim()],
  )
  return { name: cellText(head ?? { text: '' }), lines: [{ figures }] }
}

function boldLines(text: string, width: number, indent: string, colors: Colors): readonly string[] {
  return text === '' ? [] : wrapWords(text, width, indent).map(line => colors.bold(line))
}
