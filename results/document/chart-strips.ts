/** Every trial of each case on a terminal: dots over a common axis, and below them the median and its interval. */
import stringWidth from 'string-width'
import { given } from '../../base/given.ts'
import { counted } from '../../base/units.ts'
import { chooseScale, drawTicks } from './chart-axes.ts'
import { wrapLegend } from './chart-legend.ts'
import type { CasesSpec } from './chart-spec.ts'
import { roundNumber } from './chart-units.ts'
import { axisUnit } from './format.ts'
import { wrapWords } from './text.ts'
import { type Colors, paintLine } from './tones.ts'

/** More cases would fill more than a screen. */
const MOST_STRIPS = 12

/** Lines of at most `width` columns. Long names stand above their strip. */
export function stripLines(
  { value, rows: all }: CasesSpec,
  width: number,
  colors: Colors,
): readonly string[] {
  const rows = all.slice(0, MOST_STRIPS)
  const scale = chooseScale(
    value,
    rows.flatMap(({ median, high = median, trials }) => [median, high, ...trials]),
  )
  const longest = Math.max(...rows.map(({ name }) => stringWidth(name)))
  const isBeside = longest <= width / 3
  const gutter = isBeside ? longest + 1 : 0
  const columns = width - gutter - 1
  const columnOf = (each: number) => Math.round(scale.place(each) * (columns - 1))
  const strips = rows.flatMap(row => {
    const paint = (text: string) => paintLine(text, row.color, colors)
    const lines = [dots(row.trials.map(columnOf)), stroke(row, columnOf)]
    const pad = ' '.repeat(gutter)
    const name = isBeside ? row.name + ' '.repeat(gutter - stringWidth(row.name)) : pad
    return [
      ...(isBeside ? [] : wrapWords(row.name, width, '  ').map(paint)),
      ...lines.map((line, index) => `${index === 0 ? paint(name) : pad}│${paint(line)}`.trimEnd()),
    ]
  })
  const { name, factor } = axisUnit(value.unit, scale.usual)
  const ticks = {
    title: `${value.title} (${name})${value.floor === undefined ? '' : ', not from 0'}`,
    labels: scale.ticks.map(tick => roundNumber(tick / factor)),
    isEven: true,
  }
  const isSure = rows.some(({ low }) => low !== undefined)
  const more = all.length - rows.length
  const left = `  ${counted(more, 'more case has', 'more cases have')} no strip here; the table has them.`
  return [
    ...strips,
    ...drawTicks(ticks, scale.ticks.map(columnOf), gutter, columns),
    ...wrapLegend(
      given(
        '· a trial; a digit: so many; +: ten or more',
        isSure ? '├─┼─┤ median, 95 % interval' : '┼ median',
      ),
      width,
    ),
    ...(more > 0 ? wrapWords(left, width, '  ') : []),
  ]
}

/** A dot for one trial, a digit for several in one column. */
function dots(columns: readonly number[]): string {
  const counts: number[] = []
  for (const column of columns) counts[column] = (counts[column] ?? 0) + 1
  return Array.from(counts, (count = 0) =>
    count > 9 ? '+' : count > 1 ? count : count === 1 ? '·' : ' ',
  ).join('')
}

function stroke(
  { median, low, high }: CasesSpec['rows'][number],
  columnOf: (value: number) => number,
): string {
  const [from, to] = [columnOf(low ?? median), columnOf(high ?? median)]
  const glyphs = [...' '.repeat(from), '├', ...'─'.repeat(Math.max(0, to - from - 1)), '┤']
  glyphs[from] = '├'
  glyphs[to] = '┤'
  glyphs[columnOf(median)] = '┼'
  return glyphs.slice(0, to + 1).join('')
}
