/** Figures of the results, made from the formatters of `base/units.ts`. */
import { largestOf, smallestOf } from '../../base/groups.ts'
import { formatCount, formatMs, formatPercent, rateUnit, significant } from '../../base/units.ts'
import type { MedianTime } from '../statistics/figure.ts'
import type { Certainty } from '../statistics/processes.ts'
import type { Interval } from '../statistics/quantiles.ts'
import type { Layout } from './case-rows.ts'
import type { Unit } from './chart-spec.ts'
import { NONE } from './figures.ts'
import type { TableCell } from './model.ts'

/** The ends beside a median, and what to call them. */
export interface Ends extends Interval {
  readonly name: '95 %' | 'range' | 'processes'
}

/** Undefined where there are none. */
export function endsOf({ interval, range }: Certainty): Ends | undefined {
  if (interval) return { ...interval, name: '95 %' }
  return range && { low: range.low, high: range.high, name: range.of === 'trials' ? 'range' : 'processes' }
}

/** What the ends beside the medians of a column mostly are, which its head says; undefined where there are none. */
export function usualEnds(all: readonly (Certainty | undefined)[]): Ends['name'] | undefined {
  const names = all.map(each => each && endsOf(each)?.name)
  return names.includes('95 %') ? '95 %' : names.find(Boolean)
}

/** `goodput (95 % interval)`: the head of such a column. */
export function titleOfEnds(
  title: string,
  usual: Ends['name'] | undefined,
  { short, stacked }: Layout,
): string {
  if (usual === undefined) return title
  const name = usual === 'processes' ? 'range of processes' : usual
  return `${title}${stacked ? '\n' : ' '}(${usual === '95 %' && !short ? '95 % interval' : name})`
}

/** `27.6 µs`, and beside it `27.1 µs – 28.0 µs`. @param usual what the ends are unless they say it */
export function timeCell(time: MedianTime | undefined, usual: Ends['name'] = '95 %'): TableCell {
  if (!time) return NONE
  const ends = endsOf(time)
  return {
    text: formatMs(time.medianMs),
    detail: ends && `${prefixOf(ends.name, usual)}${formatMs(ends.low)} – ${formatMs(ends.high)}`,
    value: time.medianMs,
  }
}

/** Names ends that are not what the head says. */
export function prefixOf(name: Ends['name'] | undefined, usual: Ends['name'] | undefined): string {
  return name === undefined || name === usual ? '' : `${name} `
}

/** `2.41 Gbit/s`, and its interval as `2.31` and `2.52` in the same unit: its own, unless a column has one. */
export function formatEstimate(
  valueBps: number,
  interval: Interval | undefined,
  { name, factor } = axisUnit('rate', valueBps > 0 ? valueBps : (interval?.high ?? 0)),
): { readonly value: string; readonly low?: string; readonly high?: string } {
  const value = `${figureOf(valueBps / factor)} ${name}`
  if (!interval) return { value }
  return { value, low: figureOf(interval.low / factor), high: figureOf(interval.high / factor) }
}

/** `400M`: a rate as `--rate` takes it, of two significant digits and never above `valueBps`. */
export function rateFlag(valueBps: number): string {
  const { factor, unit } = rateUnit(valueBps)
  const scaled = valueBps / factor
  const inverse = 10 ** (1 - Math.floor(Math.log10(scaled)))
  return `${Math.floor(scaled * inverse) / inverse}${unit.replace('bit/s', '')}`
}

/** The unit of an axis that reaches up to `top`, and what one of it is. */
export function axisUnit(unit: Unit, top: number): { readonly name: string; readonly factor: number } {
  switch (unit) {
    case 'rate': {
      const { unit: name, factor } = rateUnit(top > 0 ? top : 1)
      return { name, factor }
    }
    case 'share':
      return { name: '%', factor: 0.01 }
    case 'ms':
      return top >= 1000
        ? { name: 's', factor: 1000 }
        : top < 1
          ? { name: 'µs', factor: 0.001 }
          : { name: 'ms', factor: 1 }
    case 'count':
      return { name: '', factor: 1 }
  }
}

/** Its unit suits all from `bottom` to `top`: that of the largest, unless the least would be below 0.01. */
export function usualOf(bottom: number, top: number): number {
  return Math.min(top, bottom * 100)
}

/** Formats the figures of a column, all in one unit. */
export function columnFormat(
  unit: Unit,
  values: readonly (number | null | undefined)[],
): (value: number) => string {
  if (unit === 'share') return formatPercent
  if (unit === 'count') return formatCount
  const { name, factor } = columnUnit(unit, values)
  return value => `${figureOf(value / factor)} ${name}`
}

/** The unit of such a column, and what one of it is. */
export function columnUnit(unit: Unit, values: readonly (number | null | undefined)[]) {
  const known = values.flatMap(value => value || [])
  const [least = 1, most = 1] = [smallestOf(known, Number), largestOf(known, Number)]
  return axisUnit(unit, usualOf(least, most))
}

/** `0.985`, `10,200` */
function figureOf(value: number): string {
  return value >= 1000 ? formatCount(value) : significant(value)
}
