/** The axes of charts, and what surrounds lines. */
import { largestOf, smallestOf } from '../../../base/groups.ts'
import type { Axis, CourseSpec, SweepSpec, SweptAxis, Unit } from '../../document/chart-spec.ts'
import { chooseTicks } from '../../document/chart-ticks.ts'
import { axisLabels, isEven, sweptTitle } from '../../document/chart-units.ts'
import { usualOf } from '../../document/format.ts'
import type { Palette } from './palette.ts'
import { legend, legendRoom, type View } from './view.ts'

/** Height in px of a chart of lines. */
export const LINES_PX = 340

/** Everything around the lines of a chart, whose upright axis holds `values`. @param above px above the drawing */
export function frameOfLines(
  spec: SweepSpec | CourseSpec,
  view: View,
  log: boolean,
  values: readonly number[],
  above: number,
) {
  const { unit } = spec.y
  const { bottom, top } = rangeOf(values)
  return {
    grid: {
      left: labelRoom(unit, top, log),
      right: 16,
      top: above,
      bottom: 52 + legendRoom(view, spec.lines),
    },
    xAxis: sideways('values' in spec.x ? sweptTitle(spec.x) : spec.x.title, view),
    yAxis: log ? logAxis(view, spec.y, bottom, top) : valueAxis(view, spec.y, top),
    ...legend(view, spec.lines),
  }
}

/** The axis below a drawing, and its title. */
export function sideways(name: string, { palette }: View) {
  return {
    name,
    nameLocation: 'middle' as const,
    nameGap: 32,
    nameTextStyle: { color: palette.muted, fontSize: 12 },
    axisLabel: { color: palette.muted, fontSize: 12, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.muted } },
    axisTick: { lineStyle: { color: palette.muted } },
    splitLine: { show: false },
  }
}

/** px of a letter, about. */
const LETTER_PX = 6.8

/** How the ticks of a sweep are labelled: those that have room, the first and the last among them. @param places from 0 to 1 */
export function sweptLabels(axis: SweptAxis, places: readonly number[], px: number) {
  const columns = px / LETTER_PX
  const positions = places.map(place => place * columns)
  const shown = chooseTicks(axis.labels, [], positions, columns, isEven(axis)).map(({ index }) => index)
  return {
    hideOverlap: false,
    label: (index: number) => (shown.includes(index) ? axis.labels[index] : '') ?? '',
  }
}

/** An axis of values from 0 up, unless it says otherwise. `top` is the largest value. */
export function valueAxis({ palette }: View, { unit, floor, ceiling }: Omit<Axis, 'title'>, top: number) {
  const label = axisLabels(unit, top)
  // Otherwise the axis of a share of 99 % would reach 120 %.
  const full = ceiling !== undefined && top > ceiling * 0.8
  return {
    type: 'value' as const,
    // Begins and ends at round numbers.
    ...(floor === undefined ? { min: 0 } : { scale: true }),
    ...(full ? { max: ceiling, interval: ceiling / 4 } : {}),
    splitNumber: 4,
    ...axisLook(palette, value => (value === 0 && unit !== 'share' ? '0' : label(value))),
  }
}

/** A logarithmic axis for values from `bottom` to `top`, with a few ticks at round numbers. */
function logAxis({ palette }: View, { unit, ceiling }: Axis, bottom: number, top: number) {
  const max = Math.min(top * 1.1, ceiling ?? Number.POSITIVE_INFINITY)
  const ticks = logTicks(bottom / 1.1, max)
  const look = axisLook(palette, axisLabels(unit, usualOf(bottom, top)))
  return {
    type: 'log' as const,
    min: bottom / 1.1,
    max,
    ...look,
    axisLabel: { ...look.axisLabel, customValues: ticks },
    axisTick: { ...look.axisTick, customValues: ticks },
  }
}

/** 1, 2 and 5 times powers of ten; only powers for wide spans. */
function logTicks(bottom: number, top: number): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(top)) - Math.floor(Math.log10(bottom)) + 1 },
    (_, index) => 10 ** (Math.floor(Math.log10(bottom)) + index),
  )
  const steps = top / bottom > 300 ? [1] : top / bottom > 30 ? [1, 3] : [1, 2, 5]
  return powers
    .flatMap(power => steps.map(step => step * power))
    .filter(tick => tick >= bottom && tick <= top)
}

function axisLook(palette: Palette, label: (value: number) => string) {
  return {
    axisLabel: {
      color: palette.muted,
      fontSize: 12,
      hideOverlap: true,
      formatter: (value: number) => label(value),
    },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.grid } },
  }
}

/** The least value above 0 and the largest; 1 if there is none. */
function rangeOf(values: readonly number[]): { readonly bottom: number; readonly top: number } {
  const positive = values.filter(value => value > 0)
  return { bottom: smallestOf(positive, Number) ?? 1, top: largestOf(positive, Number) ?? 1 }
}

/** Room for the labels of an upright axis, in px. */
function labelRoom(unit: Unit, top: number, log: boolean): number {
  const label = axisLabels(unit, top)
  const longest = log ? 10 : Math.max(...[1, 0.75, 0.5].map(part => label(niceBelow(top * part)).length))
  return longest * LETTER_PX + 14
}

/** A step of an axis at or below a value, to estimate the length of a label. */
function niceBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [5, 2.5, 2, 1].find(each => each * power <= value) ?? 1
  return step * power
}
