/** The axes of a chart on a terminal: where ticks stand, and which labels fit. */

import stringWidth from 'string-width'
import { maximum, minimum } from '../../base/groups.ts'
import type { Axis, SweepSpec, SweptAxis } from './chart-spec.ts'
import { chooseTicks } from './chart-ticks.ts'
import { axisLabels } from './chart-units.ts'
import { usualOf } from './format.ts'

/** On the axis, where a new level begins. */
export const CHANGE = '▲'

/** Where values stand between the ends of an axis, from 0 to 1. */
export interface Scale {
  readonly place: (value: number) => number
  readonly ticks: readonly number[]
  /** The value whose unit all labels have. */
  readonly usual: number
}

/** Logarithmic if asked for, and if no value is 0. */
export function chooseScale(axis: Axis, values: readonly number[]): Scale {
  const least = minimum(values)
  return axis.log && least > 0
    ? logScale(least, maximum(values))
    : linearScale(axis, Math.max(0, maximum(values)))
}

/** Three to six steps of 1, 2 or 5 times a power of ten, to the first one that no value exceeds. */
function linearScale({ floor = 0, ceiling = Number.POSITIVE_INFINITY }: Axis, highest: number): Scale {
  const max = Math.min(highest > 0 ? highest : 1, ceiling)
  const power = 10 ** Math.floor(Math.log10((max - floor) / 6))
  const step = [1, 2, 5, 10].map(each => each * power).find(each => (max - floor) / each <= 6) ?? 10 * power
  // A hair, so that a value that is a step but for a rounding error does not add one.
  const first = Math.floor(floor / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9))
  return {
    place: value => Math.min(1, (value / step - first) / (last - first)),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step),
    usual: last * step,
  }
}

/** From and to 1, 2 or 5 times a power of ten, with a tick for each power of ten, and at the ends if there is room. */
function logScale(least: number, most: number): Scale {
  const firsts = (power: number) => [1, 2, 5, 10].map(each => each * 10 ** power)
  const bottom = firsts(Math.floor(Math.log10(least))).findLast(each => each <= least * (1 + 1e-9)) ?? least
  const above = firsts(Math.floor(Math.log10(most))).find(each => each >= most * (1 - 1e-9)) ?? most
  const top = above > bottom ? above : bottom * 10
  const span = Math.log(top / bottom)
  const place = (value: number) => Math.log(value / bottom) / span
  const powers = Array.from(
    { length: Math.ceil(Math.log10(top / bottom)) + 1 },
    (_, index) => 10 ** (Math.ceil(Math.log10(bottom) - 1e-9) + index),
  ).filter(each => each <= top * (1 + 1e-9))
  const ends = [bottom, top].filter(end => powers.every(each => Math.abs(place(each) - place(end)) > 0.12))
  return {
    place,
    ticks: [...powers, ...ends].sort((a, b) => a - b),
    usual: usualOf(bottom, top),
  }
}

/** An upright axis. */
export interface Upright {
  /** Above the axis. */
  readonly rows: number
  /** Rows above the axis at which a value stands. */
  readonly height: (value: number) => number
  /** By row above the axis. */
  readonly labels: ReadonlyMap<number, string>
}

export function chooseUpright({ lines, y }: SweepSpec): Upright {
  const { place, ticks, usual } = chooseScale(
    y,
    lines.flatMap(({ points }) => points.map(point => point.y)),
  )
  const steps = ticks.length - 1
  const rows = steps * Math.max(2, Math.floor(12 / steps))
  const label = axisLabels(y.unit, usual)
  const height = (value: number) => place(value) * rows
  return {
    rows,
    height,
    labels: new Map(ticks.map(tick => [Math.round(height(tick)), label(tick)])),
  }
}

/** Columns of the ticks: half a step from both ends, so that no mark is hidden by the axis. */
export function positionsOf({ scale, values }: SweptAxis, columns: number): readonly number[] {
  const count = values.length
  const margin = count > 1 ? Math.min(4, Math.floor(columns / (2 * count))) : Math.floor(columns / 2)
  const span = columns - 1 - 2 * margin
  const [first = 1, last = 1] = [values[0], values.at(-1)]
  const placeOf = (value: number, index: number) =>
    scale === 'log' ? Math.log(value / first) / Math.log(last / first) : index / Math.max(1, count - 1)
  return values.map((value, index) => margin + Math.round(placeOf(value, index) * span))
}

interface Ticks {
  readonly title: string
  readonly labels: readonly string[]
  /** Of many labels, every so many is shown. */
  readonly isEven: boolean
}

/** The axis, the labels below it (those that fit), and its title. */
export function drawTicks(
  { title, labels: all, isEven }: Ticks,
  positions: readonly number[],
  gutter: number,
  columns: number,
  changed: readonly boolean[] = [],
): readonly string[] {
  const shown = chooseTicks(all, changed, positions, columns, isEven)
  const changes = positions.filter((_, tick) => changed[tick])
  const axis = Array.from({ length: columns }, (_, column) =>
    changes.includes(column) ? CHANGE : positions.includes(column) ? '┬' : '─',
  ).join('')
  let labels = ''
  for (const { text, start } of shown) labels = labels.padEnd(start) + text
  const indent = ' '.repeat(gutter + 1)
  const room = columns - stringWidth(title)
  // In the middle of the axis; one that is longer begins under the numbers on the left.
  const start = Math.max(0, gutter + 1 + (room < 0 ? room : Math.floor(room / 2)))
  return [`${' '.repeat(gutter)}└${axis}`, indent + labels, ' '.repeat(start) + title]
}
