/** The axes of a chart on a terminal: where ticks stand, and which labels fit. */
import stringWidth from 'string-width'
import type { SweepSpec, Unit } from './chart-spec.ts'
import { axisLabels, formatValue } from './chart-units.ts'

/** On the axis, where a new level begins. */
export const CHANGE = '▲'

export interface Axis {
  readonly rows: number
  readonly rowsPerTick: number
  /** Rows above the axis at which a value stands. */
  readonly height: (value: number) => number
  /** From the bottom up. */
  readonly labels: readonly string[]
}

/** Three to six steps of 1, 2 or 5 times a power of ten, from 0 to the first one that no value exceeds; or powers of ten. */
export function chooseAxis({ lines, y: { unit, log, ceiling = Number.POSITIVE_INFINITY } }: SweepSpec): Axis {
  const values = lines.flatMap(({ points }) => points.map(point => point.y))
  if (log === 'always' && Math.min(...values) > 0) return logAxis(values, unit)
  const highest = Math.max(0, ...values)
  const max = Math.min(highest > 0 ? highest : 1, ceiling)
  const power = 10 ** Math.floor(Math.log10(max / 6))
  const step = [1, 2, 5, 10].map(each => each * power).find(each => max / each <= 6) ?? 10 * power
  // Less a hair, so that a value that is a step but for a rounding error does not add one.
  const steps = Math.max(1, Math.ceil(max / step - 1e-9))
  const rowsPerTick = steps > 4 ? 2 : 3
  const top = steps * step
  const label = axisLabels(unit, top)
  const labels = Array.from({ length: steps + 1 }, (_, index) => label(index * step))
  const rows = steps * rowsPerTick
  return { rows, rowsPerTick, height: value => Math.min(rows, (value / top) * rows), labels }
}

/** A tick for each power of ten, from the last one that no value is below to the first one that none exceeds. */
function logAxis(values: readonly number[], unit: Unit): Axis {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const steps = Math.max(1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9) - first)
  const rowsPerTick = steps > 3 ? 2 : 3
  return {
    rows: steps * rowsPerTick,
    rowsPerTick,
    height: value => (Math.log10(value) - first) * rowsPerTick,
    labels: Array.from({ length: steps + 1 }, (_, index) =>
      formatValue(10 ** (first + index), unit).replace(/\.0+(?= )/, ''),
    ),
  }
}

/** Columns of the ticks: half a step from both ends, so that no mark is hidden by the axis. */
export function positionsOf(count: number, columns: number): readonly number[] {
  const margin = count > 1 ? Math.min(4, Math.floor(columns / (2 * count))) : Math.floor(columns / 2)
  const span = columns - 1 - 2 * margin
  return Array.from({ length: count }, (_, index) =>
    count > 1 ? margin + Math.round((index * span) / (count - 1)) : margin,
  )
}

/** The axis, the labels below it (those that fit), and its title. */
export function drawTicks(
  { x, marks = [] }: SweepSpec,
  positions: readonly number[],
  gutter: number,
  columns: number,
): readonly string[] {
  const changed = x.values.map(value => marks.some(each => each.x === value))
  const shown = chooseTicks(x.labels, changed, positions, columns)
  const changes = positions.filter((_, tick) => changed[tick])
  const axis = Array.from({ length: columns }, (_, column) =>
    changes.includes(column) ? CHANGE : positions.includes(column) ? '┬' : '─',
  ).join('')
  let labels = ''
  for (const { text, start } of shown) labels = labels.padEnd(start) + text
  const indent = ' '.repeat(gutter + 1)
  const middle = Math.max(0, Math.floor((columns - stringWidth(x.title)) / 2))
  return [`${' '.repeat(gutter)}└${axis}`, indent + labels, indent + ' '.repeat(middle) + x.title]
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
  labels: readonly string[],
  changed: readonly boolean[],
  positions: readonly number[],
  columns: number,
): readonly Tick[] {
  const placed = labels.map((text, index) => {
    const centred = (positions[index] ?? 0) - Math.floor((text.length - 1) / 2)
    const start = Math.max(0, Math.min(centred, columns - text.length))
    return { text, start, end: start + text.length }
  })
  const isChanged = changed.includes(true)
  if (placed.length > 10 && !isChanged) {
    const strides = placed.map((_, index) => placed.filter((_, tick) => tick % (index + 1) === 0))
    return strides.find(shown => shown.every((tick, index) => isFree(tick, shown[index - 1]))) ?? []
  }
  const [first, last] = [placed.slice(0, 1), placed.slice(-1)]
  const marked = placed.filter((_, tick) => changed[tick])
  const chosen: Tick[] = []
  for (const tick of isChanged ? [...marked, ...first, ...last] : [...last, ...placed])
    if (chosen.every(each => isFree(tick, each) || isFree(each, tick))) chosen.push(tick)
  return chosen.sort((a, b) => a.start - b.start)
}

function isFree(tick: Tick, before: Tick | undefined): boolean {
  return before === undefined || tick.start >= before.end + 2
}
