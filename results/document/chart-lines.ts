/** A chart on a terminal: asciichart draws each line, this lays them over each other and marks whose is whose. */
import asciichart from 'asciichart'
import stringWidth from 'string-width'
import { counted } from '../../base/units.ts'
import { Canvas, SHARED } from './canvas.ts'
import { type Axis, CHANGE, chooseAxis, drawTicks, positionsOf } from './chart-axes.ts'
import type { SweepSpec } from './chart-spec.ts'
import type { Chart } from './model.ts'
import { tableLines } from './table-lines.ts'
import { wrapWords } from './text.ts'
import type { Colors } from './tones.ts'

/** A narrower chart is not a picture. */
export const NARROWEST_CHART = 40
const WIDEST = 120
/** More lines cannot be told apart. */
const MOST_LINES = 6

/** No line is longer than `width`. Lines over what was swept are drawn; other charts show the figures behind them. */
export function chartLines({ title, spec, table }: Chart, width: number, colors: Colors): readonly string[] {
  const head = (columns: number) => wrapWords(title, columns).map(line => colors.bold(line))
  if (spec.kind !== 'sweep') return table ? [...head(width), ...tableLines(table, width, colors)] : []
  const columns = Math.min(width, WIDEST)
  const more = spec.lines.length - MOST_LINES
  return [
    ...head(columns),
    ...plotLines({ ...spec, lines: spec.lines.slice(0, MOST_LINES) }, columns, colors),
    ...(more > 0
      ? wrapWords(
          `  ${counted(more, 'more case has', 'more cases have')} no line here; the table has them.`,
          columns,
          '  ',
        )
      : []),
  ]
}

interface Series {
  /** One a tick; undefined if there is nothing to draw. */
  readonly values: readonly (number | undefined)[]
  /** Ticks without a value because the system refused: its line ends there, and a sign on the axis says why. */
  readonly refused: readonly boolean[]
}

/** From 0 up, so that a tall line is a large value. */
function plotLines(spec: SweepSpec, width: number, colors: Colors): readonly string[] {
  const { lines, x, marks: changes = [] } = spec
  const paints = [
    colors.cyan,
    colors.yellow,
    colors.magenta,
    colors.green,
    colors.blue,
    colors.red,
    colors.gray,
  ]
  const all = lines.map(({ points, refused = [] }): Series => {
    const values = x.values.map(value => points.find(point => point.x === value)?.y)
    return {
      values,
      refused: x.values.map((value, tick) => values[tick] === undefined && refused.includes(value)),
    }
  })
  const axis = chooseAxis(spec)
  const labels = axis.labels.map(label => label.padStart(Math.max(...axis.labels.map(each => each.length))))
  const gutter = labels[0]?.length ?? 0
  const columns = Math.max(8, width - gutter - 1)
  const positions = positionsOf(x.values.length, columns)
  const marks = chooseMarks(lines.map(each => each.name))
  const canvas = new Canvas(axis.rows + 1, columns)
  all.forEach(({ values }, index) => {
    canvas.layOver(drawLine(values, positions, columns, axis), index)
  })
  all.forEach(({ values }, index) => {
    mark(canvas, values, positions, axis, marks[index] ?? '', index)
  })
  all.forEach(({ refused }, index) => {
    markRefused(canvas, refused, positions, axis, index)
  })
  const paint = (text: string, owner: number | undefined) =>
    owner === undefined ? text : (paints[(lines[owner]?.color ?? 0) % paints.length] ?? String)(text)
  const legend = lines.map(({ name }, index) => `${marks[index]} ${name}`)
  const shared = canvas.hasShared ? [`${SHARED} several at one point`] : []
  const refused = all.some(each => each.refused.includes(true)) ? [`${REFUSED} refused`] : []
  const changed = changes.length > 0 ? [`${CHANGE} a change`] : []
  return [
    ...canvas.rows.map((row, index) => {
      const label =
        index % axis.rowsPerTick === 0 ? labels[axis.labels.length - 1 - index / axis.rowsPerTick] : undefined
      const line = canvas
        .runs(row)
        .map(({ text, owner }) => paint(text, owner))
        .join('')
      return `${label ?? ' '.repeat(gutter)}${label ? '┤' : '│'}${line}`.replace(/ +$/, '')
    }),
    ...drawTicks(spec, positions, gutter, columns),
    ...wrapLegend([...legend, ...shared, ...refused, ...changed], width, (text, index) =>
      paint(text, index < marks.length ? index : undefined),
    ),
  ]
}

/** On the axis, where a line ends because the system refused. */
const REFUSED = '×'

/** Columns between marks at least, so that the line between them can be seen. */
const MARK_DISTANCE = 4

/** Rows of characters of one line, from the top; blank without a value. */
function drawLine(
  values: readonly (number | undefined)[],
  positions: readonly number[],
  columns: number,
  axis: Axis,
): readonly string[] {
  const heights = Array.from({ length: columns }, (_, column) => heightAt(column, values, positions, axis))
  const drawn = asciichart.plot(
    // Its column x holds what leads from value x to x + 1, so the first value is drawn twice. It throws if a value is not a number.
    [heights[0] ?? 0, ...heights.map(height => height ?? 0)],
    { min: 0, max: axis.rows, height: axis.rows, offset: 2, format: () => ' ' },
  )
  return drawn.split('\n').map(line => {
    const glyphs = [...line].slice(2)
    return Array.from({ length: columns }, (_, column) =>
      heights[column] === undefined || heights[column - 1] === undefined ? ' ' : (glyphs[column] ?? ' '),
    ).join('')
  })
}

/** Rows above the axis at a column, interpolated between the ticks; undefined where either neighbour is. */
function heightAt(
  column: number,
  values: readonly (number | undefined)[],
  positions: readonly number[],
  axis: Axis,
): number | undefined {
  const after = positions.findIndex(position => position >= column)
  const right = positions[after]
  if (right === undefined) return undefined
  const end = values[after]
  if (right === column) return end === undefined ? undefined : toRows(end, axis)
  const left = positions[after - 1]
  const start = values[after - 1]
  if (left === undefined || start === undefined || end === undefined) return undefined
  return toRows(start + ((end - start) * (column - left)) / (right - left), axis)
}

function toRows(value: number, axis: Axis): number {
  return Math.min(axis.rows, (value / axis.top) * axis.rows)
}

function mark(
  canvas: Canvas,
  values: readonly (number | undefined)[],
  positions: readonly number[],
  axis: Axis,
  glyph: string,
  owner: number,
): void {
  let last = Number.NEGATIVE_INFINITY
  positions.forEach((column, index) => {
    const value = values[index]
    // A point beside a gap has no line, so it needs its mark.
    if (value === undefined) last = Number.NEGATIVE_INFINITY
    if (value === undefined || column - last < MARK_DISTANCE) return
    last = column
    canvas.mark(axis.rows - Math.round(toRows(value, axis)), column, glyph, owner)
  })
}

/** Several series at one place share one sign. */
function markRefused(
  canvas: Canvas,
  refused: Series['refused'],
  positions: readonly number[],
  axis: Axis,
  owner: number,
): void {
  positions.forEach((column, index) => {
    if (refused[index] === true && canvas.rows[axis.rows]?.[column]?.marked !== true)
      canvas.mark(axis.rows, column, REFUSED, owner)
  })
}

/** A letter for each series: of the last part of its name if one is free (`udp-header`: h), else the next free one. */
function chooseMarks(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map(name => {
    const own = name.split(',')[0]?.split('-').at(-1) ?? ''
    const letter =
      [...own.replace(/[^a-z]/g, ''), ...'abcdefghijklmnopqrstuvwxyz'].find(each => !taken.has(each)) ?? '?'
    taken.add(letter)
    return letter
  })
}

/** Entries beside each other as far as they fit; one that is longer than a line goes on below. */
function wrapLegend(
  entries: readonly string[],
  width: number,
  paint: (text: string, index: number) => string,
): readonly string[] {
  const lines: string[] = []
  let free = 0
  entries.forEach((entry, index) => {
    const painted = wrapWords(`  ${entry}`, width, '    ').map(text => paint(text, index))
    const length = stringWidth(entry) + 3
    if (length <= free) lines.push(`${lines.pop()}   ${paint(entry, index)}`)
    else lines.push(...painted)
    free = (length <= free ? free : width + 1) - length
  })
  return lines
}
