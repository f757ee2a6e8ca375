/** A chart on a terminal: asciichart draws each line, this lays them over each other and marks whose is whose. */
import asciichart from 'asciichart'
import { given } from '../../base/given.ts'
import { counted } from '../../base/units.ts'
import { Canvas, REFUSED, SHARED } from './canvas.ts'
import { CHANGE, chooseUpright, drawTicks, positionsOf } from './chart-axes.ts'
import { heatLines } from './chart-heat.ts'
import { hostLines } from './chart-hosts.ts'
import { wrapLegend } from './chart-legend.ts'
import { MOST_LINES, type SweepLine, type SweepSpec } from './chart-spec.ts'
import { stripLines } from './chart-strips.ts'
import { isEven, sweptTitle } from './chart-units.ts'
import type { Chart } from './model.ts'
import { tableLines } from './table-lines.ts'
import { wrapWords } from './text.ts'
import { type Colors, paintLine } from './tones.ts'

/** A narrower chart is not a picture. */
export const NARROWEST_CHART = 40
const WIDEST = 120

/** No line is longer than `width`. A kind of chart that is not drawn shows the figures behind it. */
export function chartLines({ title, spec, table }: Chart, width: number, colors: Colors): readonly string[] {
  const columns = Math.min(width, WIDEST)
  const head = wrapWords(title, columns).map(line => colors.bold(line))
  switch (spec.kind) {
    case 'sweep':
      return [...head, ...sweepLines(spec, columns, colors)]
    case 'cases':
      return [...head, ...stripLines(spec, columns, colors)]
    case 'heat':
      return [...head, ...heatLines(spec, columns, colors)]
    case 'hosts': {
      const lines = hostLines(spec, columns)
      return lines.length > 0 ? [...head, ...lines] : []
    }
    default:
      return table ? [...head, ...tableLines(table, width, colors)] : []
  }
}

function sweepLines(spec: SweepSpec, width: number, colors: Colors): readonly string[] {
  const more = spec.lines.length - MOST_LINES
  const left = `  ${counted(more, 'more case has', 'more cases have')} no line here; the table has them.`
  return [
    ...plotLines({ ...spec, lines: spec.lines.slice(0, MOST_LINES) }, width, colors),
    ...(more > 0 ? wrapWords(left, width, '  ') : []),
  ]
}

/** From 0 up, so that a tall line is a large value, unless by powers of ten. */
function plotLines(spec: SweepSpec, width: number, colors: Colors): readonly string[] {
  const { lines, x, marks: changes = [], marked = 'a change' } = spec
  const { rows, height, labels } = chooseUpright(spec)
  const gutter = Math.max(...[...labels.values()].map(each => each.length))
  const columns = Math.max(8, width - gutter - 1)
  const positions = positionsOf(x, columns)
  const marks = chooseMarks(lines.map(each => each.name))
  const canvas = new Canvas(rows + 1, columns)
  const all = lines.map(({ points }) => {
    const values = x.values.map(value => points.find(point => point.x === value)?.y)
    const known = values.map(value => (value === undefined ? undefined : height(value)))
    return heightsOf(known, positions, columns)
  })
  all.forEach((heights, owner) => {
    drawLine(canvas, heights, rows, owner)
  })
  const distance = x.scale === 'log' ? 1 : MARK_DISTANCE
  all.forEach((heights, owner) => {
    mark(canvas, heights, positions, rows, marks[owner] ?? '', owner, distance)
  })
  const refusals = lines.map((line, owner) => markRefused(canvas, line, spec, positions, rows, owner))
  const paint = (text: string, owner: number | undefined) =>
    owner === undefined ? text : paintLine(text, lines[owner]?.color ?? 0, colors)
  const legend = given(
    ...lines.map(({ name }, index) => `${marks[index]} ${name}`),
    canvas.hasShared && `${SHARED} several at one point`,
    refusals.includes(true) && `${REFUSED} refused`,
    changes.length > 0 && `${CHANGE} ${marked}`,
  )
  const changed = x.values.map(value => changes.some(each => each.x === value))
  return [
    ...canvas.lines(paint).map((line, row) => {
      const label = labels.get(rows - row)
      return `${(label ?? '').padStart(gutter)}${label ? '┤' : '│'}${line}`.replace(/ +$/, '')
    }),
    ...drawTicks({ ...x, title: sweptTitle(x), isEven: isEven(x) }, positions, gutter, columns, changed),
    ...wrapLegend(legend, width, (text, index) => paint(text, index < marks.length ? index : undefined)),
  ]
}

/** Rows above the axis for each column: `known` at the ticks, interpolated between them; undefined where either neighbour is. */
function heightsOf(
  known: readonly (number | undefined)[],
  positions: readonly number[],
  columns: number,
): readonly (number | undefined)[] {
  return Array.from({ length: columns }, (_, column) => {
    const tick = positions.findIndex(position => position >= column)
    const [left, right] = [positions[tick - 1], positions[tick]]
    const [start, end] = [known[tick - 1], known[tick]]
    if (right === column) return end
    if (left === undefined || right === undefined || start === undefined || end === undefined)
      return undefined
    return start + ((end - start) * (column - left)) / (right - left)
  })
}

/** Leaves columns without a height blank. */
function drawLine(
  canvas: Canvas,
  heights: readonly (number | undefined)[],
  rows: number,
  owner: number,
): void {
  const drawn = asciichart.plot(
    // Its column x holds what leads from value x to x + 1, so the first value is drawn twice. It throws if a value is not a number.
    [heights[0] ?? 0, ...heights.map(height => height ?? 0)],
    { min: 0, max: rows, height: rows, offset: 2, format: () => ' ' },
  )
  for (const [row, line] of drawn.split('\n').entries()) {
    const glyphs = [...line].slice(2)
    for (const [column, height] of heights.entries())
      if (height !== undefined && heights[column - 1] !== undefined)
        canvas.draw(row, column, glyphs[column] ?? ' ', owner)
  }
}

/** Columns between marks of evenly spaced values at least, so that the line between them can be seen. */
const MARK_DISTANCE = 4

function mark(
  canvas: Canvas,
  heights: readonly (number | undefined)[],
  positions: readonly number[],
  rows: number,
  glyph: string,
  owner: number,
  distance: number,
): void {
  let last = Number.NEGATIVE_INFINITY
  for (const column of positions) {
    const height = heights[column]
    // A point beside a gap has no line, so it needs its mark.
    if (height === undefined) last = Number.NEGATIVE_INFINITY
    if (height === undefined || column - last < distance) continue
    last = column
    canvas.mark(rows - Math.round(height), column, glyph, owner)
  }
}

/** At ticks without a value; several series at one place share one sign. True if there are any. */
function markRefused(
  canvas: Canvas,
  { points, refused = [] }: SweepLine,
  { x }: SweepSpec,
  positions: readonly number[],
  rows: number,
  owner: number,
): boolean {
  const ends = refused.filter(value => !points.some(point => point.x === value))
  for (const value of ends) {
    const column = positions[x.values.indexOf(value)]
    if (column !== undefined && !canvas.isMarked(rows, column)) canvas.mark(rows, column, REFUSED, owner)
  }
  return ends.length > 0
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
