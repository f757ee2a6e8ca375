/** Figures of the results, made from the formatters of `base/units.ts`. */
import { largestOf, smallestOf } from '../../base/groups.ts'
import { formatCount, formatMs, formatPercent, formatRate, rateUnit, significant } from '../../base/units.ts'
import type { MedianTime } from '../statistics/figure.ts'
import type { Certainty } from '../statistics/processes.ts'
import type { Interval } from '../statistics/quantiles.ts'
import type { Unit } from './chart-spec.ts'
import type { Layout } from './figures.ts'
import { NONE } from './figures.ts'
import type { TableCell } from './model.ts'

/** A value / `factor` is in the unit. */
export interface ColumnUnit {
  readonly name: string
  readonly factor: number
}

/** From the smallest. */
export const UNITS = {
  rate: ['', 'k', 'M', 'G', 'T'].map((prefix, power) => ({
    name: `${prefix}bit/s`,
    factor: 1000 ** power,
  })),
  ms: [
    { name: 'µs', factor: 1e-3 },
    { name: 'ms', factor: 1 },
    { name: 's', factor: 1000 },
  ],
} as const satisfies Readonly<Record<string, readonly ColumnUnit[]>>

/** Values further apart than this are not shown in one unit. */
const WIDEST_SPAN = 10_000

/** The unit for a whole table or column; undefined where values are too far apart for one, or there are none. */
export function commonUnit(
  units: readonly ColumnUnit[],
  values: readonly (number | undefined)[],
): ColumnUnit | undefined {
  const positive = values.filter(value => value !== undefined && value > 0)
  const [least, most] = [smallestOf(positive, Number), largestOf(positive, Number)]
  if (least === undefined || most === undefined) return undefined
  const largest = units.findLastIndex(({ factor }) => most / factor >= 1)
  const below = units.slice(0, Math.max(1, largest + 1)).reverse()
  // 0.412 is still read at a glance, 0.0412 is not.
  return most / least > WIDEST_SPAN ? undefined : below.find(({ factor }) => least / factor >= 0.1)
}

/** `2.41`, `9,830` in a unit; as `own` writes it where there is none for all. */
export function formatIn(
  value: number,
  unit: ColumnUnit | undefined,
  own: (value: number) => string = formatMs,
): string {
  if (!unit) return own(value)
  return figureOf(value / unit.factor)
}

/** `max in ms`, or on two lines. */
export function titleIn(title: string, unit: ColumnUnit | undefined, between = ' '): string {
  return unit ? `${title}${between}in ${unit.name}` : title
}

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
export function titleOfEnds(title: string, usual: Ends['name'] | undefined, { short }: Layout): string {
  if (usual === undefined) return title
  const name = usual === 'processes' ? 'range of processes' : usual
  return `${title}\n(${usual === '95 %' && !short ? '95 % interval' : name})`
}

/** `27.6 µs`, and beside it `27.1 µs – 28.0 µs`. @param usual what the ends are unless they say it @param unit of the column, if it has one */
export function timeCell(
  time: MedianTime | undefined,
  usual: Ends['name'] = '95 %',
  unit?: ColumnUnit,
): TableCell {
  if (!time) return NONE
  const ends = endsOf(time)
  return {
    text: formatIn(time.medianMs, unit),
    detail: ends && `${prefixOf(ends.name, usual)}${formatIn(ends.low, unit)} – ${formatIn(ends.high, unit)}`,
    value: time.medianMs,
  }
}

/** Names ends that are not what the head says. */
export function prefixOf(name: Ends['name'] | undefined, usual: Ends['name'] | undefined): string {
  return name === undefined || name === usual ? '' : `${name} `
}

/** `2.41 Gbit/s`, and its interval as `2.31` and `2.52` in the same unit. @param common unit of the column, whose head says it */
export function formatEstimate(
  valueBps: number,
  interval: Interval | undefined,
  common?: ColumnUnit,
): { readonly value: string; readonly low?: string; readonly high?: string } {
  const own = rateUnit(valueBps > 0 ? valueBps : (interval?.high ?? 0))
  const text = (bps: number) => formatIn(bps, common ?? { name: own.unit, factor: own.factor })
  const value = common ? text(valueBps) : `${text(valueBps)} ${own.unit}`
  return interval ? { value, low: text(interval.low), high: text(interval.high) } : { value }
}

/** `400M`: a rate as `--rate` takes it, of two significant digits and never above `valueBps`. */
export function rateFlag(valueBps: number): string {
  const { factor, unit } = rateUnit(valueBps)
  const scaled = valueBps / factor
  const inverse = 10 ** (1 - Math.floor(Math.log10(scaled)))
  return `${Math.floor(scaled * inverse) / inverse}${unit.replace('bit/s', '')}`
}

/** The unit of an axis that reaches up to `top`, and what one of it is. */
export function axisUnit(unit: Unit, top: number): ColumnUnit {
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

/** Formats the figures of a column, all in one unit unless they are too far apart. */
export function columnFormat(
  unit: Unit,
  values: readonly (number | null | undefined)[],
): (value: number) => string {
  if (unit === 'share') return formatPercent
  if (unit === 'count') return formatCount
  const common = commonUnit(
    UNITS[unit],
    values.map(value => value ?? undefined),
  )
  if (!common) return unit === 'rate' ? formatRate : formatMs
  return value => `${formatIn(value, common)} ${common.name}`
}

/** `0.985`, `10,200` */
function figureOf(value: number): string {
  return value >= 999.5 ? formatCount(value) : significant(value)
}
