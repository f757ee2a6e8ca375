/** Draws lines over a labelled x axis: asciichart draws each line, this lays them over each other and marks whose is whose. */
import asciichart from 'asciichart'
import picocolors from 'picocolors'
import stringWidth from 'string-width'
import { wrapWords } from '../document/text.ts'
import { Canvas, SHARED } from './canvas.ts'

export interface Series {
  readonly name: string
  /** One a tick; undefined where there is nothing to draw. */
  readonly values: readonly (number | undefined)[]
  /** Ticks without a value because the system refused: its line ends there, and a sign on the axis says why. */
  readonly refused?: readonly boolean[]
}

export interface Plot {
  readonly title: string
  readonly series: readonly Series[]
  /** Labels of the x positions, which are evenly spaced. */
  readonly ticks: readonly string[]
  readonly xTitle: string
  /** Label of a y value, with its unit; `top` is the largest of the axis. */
  readonly label: (value: number, top: number) => string
  /** The axis does not reach beyond this (1 for a share). */
  readonly ceiling?: number
  /** Ticks with which something new begins: the axis shows them, and their labels come first. */
  readonly changes?: readonly boolean[]
}

/** Lines of text, none longer than `width`; from 0 up, so that a tall line is a large value. */
export function drawPlot(plot: Plot, width: number, color: boolean): readonly string[] {
  const colors = picocolors.createColors(color)
  const paints = [
    colors.cyan,
    colors.yellow,
    colors.magenta,
    colors.green,
    colors.blue,
    colors.red,
    colors.gray,
  ]
  const axis = chooseAxis(plot)
  const labels = axis.labels.map(label => label.padStart(Math.max(...axis.labels.map(each => each.length))))
  const gutter = labels[0]?.length ?? 0
  const columns = Math.max(8, width - gutter - 1)
  const positions = positionsOf(plot.ticks.length, columns)
  const marks = chooseMarks(plot.series.map(each => each.name))
  const canvas = new Canvas(axis.rows + 1, columns)
  plot.series.forEach((series, index) => {
    canvas.layOver(drawLine(series.values, positions, columns, axis), index)
  })
  plot.series.forEach((series, index) => {
    mark(canvas, series.values, positions, axis, marks[index] ?? '', index)
  })
  plot.series.forEach((series, index) => {
    markRefused(canvas, series, positions, axis, index)
  })
  const paint = (text: string, owner: number | undefined) =>
    owner === undefined ? text : (paints[owner % paints.length] ?? String)(text)
  const legend = plot.series.map((series, index) => `${marks[index]} ${series.name}`)
  const shared = canvas.hasShared ? [`${SHARED} several at one point`] : []
  const refused = plot.series.some(each => each.refused?.includes(true)) ? [`${REFUSED} refused`] : []
  const changes = plot.changes?.includes(true) ? [`${CHANGE} a change`] : []
  return [
    ...wrapWords(plot.title, width).map(line => colors.bold(line)),
    ...canvas.rows.map((row, index) => {
      const label =
        index % axis.rowsPerTick === 0 ? labels[axis.labels.length - 1 - index / axis.rowsPerTick] : undefined
      const line = canvas
        .runs(row)
        .map(({ text, owner }) => paint(text, owner))
        .join('')
      return `${label ?? ' '.repeat(gutter)}${label ? '┤' : '│'}${line}`.replace(/ +$/, '')
    }),
    ...drawTicks(plot, positions, gutter, columns),
    ...wrapLegend([...legend, ...shared, ...refused, ...changes], width, (text, index) =>
      paint(text, index < marks.length ? index : undefined),
    ),
  ]
}

/** On the axis, where a line has ended because the system refused. */
const REFUSED = '×'
const CHANGE = '▲'

/** A mark is set only so far from the one before it, so that the line between them is seen. */
const MARK_DISTANCE = 4

interface Axis {
  readonly rows: number
  readonly rowsPerTick: number
  readonly top: number
  /** From the bottom up. */
  readonly labels: readonly string[]
}

/** Three to six steps of 1, 2 or 5 times a power of ten, from 0 to the first one that no value exceeds. */
function chooseAxis({ series, label, ceiling = Number.POSITIVE_INFINITY }: Plot): Axis {
  const highest = Math.max(0, ...series.flatMap(each => each.values.map(value => value ?? 0)))
  const max = Math.min(highest > 0 ? highest : 1, ceiling)
  const power = 10 ** Math.floor(Math.log10(max / 6))
  const step = [1, 2, 5, 10].map(each => each * power).find(each => max / each <= 6) ?? 10 * power
  // Less a hair, so that a value that is a step but for a rounding error does not add one.
  const steps = Math.max(1, Math.ceil(max / step - 1e-9))
  const rowsPerTick = steps > 4 ? 2 : 3
  const top = steps * step
  const labels = Array.from({ length: steps + 1 }, (_, index) => label(index * step, top))
  return { rows: steps * rowsPerTick, rowsPerTick, top, labels }
}

/** Columns of the ticks: half a step from both ends, so that no mark is hidden by the axis. */
function positionsOf(count: number, columns: number): readonly number[] {
  const margin = count > 1 ? Math.min(4, Math.floor(columns / (2 * count))) : Math.floor(columns / 2)
  const span = columns - 1 - 2 * margin
  return Array.from({ length: count }, (_, index) =>
    count > 1 ? margin + Math.round((index * span) / (count - 1)) : margin,
  )
}

/** Rows of characters of one line, from the top; blank where it has no value. */
function drawLine(
  values: readonly (number | undefined)[],
  positions: readonly number[],
  columns: number,
  axis: Axis,
): readonly string[] {
  const heights = Array.from({ length: columns }, (_, column) => heightAt(column, values, positions, axis))
  const drawn = asciichart.plot(
    // Its column x holds what leads from value x to x + 1, so the first value is drawn twice. It throws on what is no number.
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
    // A point beside a gap has no line: without its mark it would not be seen.
    if (value === undefined) last = Number.NEGATIVE_INFINITY
    if (value === undefined || column - last < MARK_DISTANCE) return
    last = column
    canvas.mark(axis.rows - Math.round(toRows(value, axis)), column, glyph, owner)
  })
}

/** Of several series at one place, the sign is everybody's and stays one. */
function markRefused(
  canvas: Canvas,
  { refused, values }: Series,
  positions: readonly number[],
  axis: Axis,
  owner: number,
): void {
  positions.forEach((column, index) => {
    if (refused?.[index] !== true || values[index] !== undefined) return
    if (canvas.rows[axis.rows]?.[column]?.marked !== true) canvas.mark(axis.rows, column, REFUSED, owner)
  })
}

/** A letter for each series: of the last part of its name where that is free (`udp-header`: h), else the next free one. */
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

/** The axis, the labels below it (those that fit), and its title. */
function drawTicks(
  plot: Plot,
  positions: readonly number[],
  gutter: number,
  columns: number,
): readonly string[] {
  const shown = chooseTicks(plot, positions, columns)
  const changes = positions.filter((_, tick) => plot.changes?.[tick])
  const axis = Array.from({ length: columns }, (_, column) =>
    changes.includes(column) ? CHANGE : positions.includes(column) ? '┬' : '─',
  ).join('')
  let labels = ''
  for (const { text, start } of shown) labels = labels.padEnd(start) + text
  const indent = ' '.repeat(gutter + 1)
  const middle = Math.max(0, Math.floor((columns - stringWidth(plot.xTitle)) / 2))
  return [`${' '.repeat(gutter)}└${axis}`, indent + labels, indent + ' '.repeat(middle) + plot.xTitle]
}

interface Tick {
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Labels that leave two columns free between them. Of many (rounds) every second, third … one; of a few (chunks) the first, the
 * last, and as many between them as fit. Where something changes, those of the changes, the first and the last.
 */
function chooseTicks(
  { ticks, changes }: Plot,
  positions: readonly number[],
  columns: number,
): readonly Tick[] {
  const placed = ticks.map((text, index) => {
    const centred = (positions[index] ?? 0) - Math.floor((text.length - 1) / 2)
    const start = Math.max(0, Math.min(centred, columns - text.length))
    return { text, start, end: start + text.length }
  })
  if (changes?.includes(true)) {
    const ends = placed.filter((_, tick) => tick === 0 || tick === placed.length - 1)
    const chosen: Tick[] = []
    for (const tick of [...placed.filter((_, index) => changes[index]), ...ends])
      if (chosen.every(each => isFree(tick, each) || isFree(each, tick))) chosen.push(tick)
    return chosen.sort((a, b) => a.start - b.start)
  }
  if (placed.length > 10) {
    const strides = placed.map((_, index) => placed.filter((_, tick) => tick % (index + 1) === 0))
    return strides.find(shown => shown.every((tick, index) => isFree(tick, shown[index - 1]))) ?? []
  }
  const last = placed.at(-1)
  const shown: Tick[] = []
  for (const tick of placed) {
    if (isFree(tick, shown.at(-1)) && (tick === last || (last && isFree(last, tick)))) shown.push(tick)
  }
  return shown
}

function isFree(tick: Tick, before: Tick | undefined): boolean {
  return before === undefined || tick.start >= before.end + 2
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
