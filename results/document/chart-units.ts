/** How a chart writes its numbers. Runs in the browser too. */
import { largestOf, smallestOf } from '../../base/groups.ts'
import { formatCount, formatMs, formatPercent, formatRate, significant } from '../../base/units.ts'
import type { HeatSpec, SweptAxis, Unit } from './chart-spec.ts'
import { axisUnit, formatEstimate, usualOf } from './format.ts'

/** A number in words, with its unit. */
export function formatValue(value: number, unit: Unit): string {
  return FORMATS[unit](value)
}

/** `2.41 Gbit/s (2.37 – 2.43)`: both ends in the unit of the value. */
export function estimateText(
  value: number,
  { low, high }: { readonly low?: number; readonly high?: number },
  unit: Unit,
): string {
  const text = formatValue(value, unit)
  if (low === undefined || high === undefined) return text
  if (unit === 'rate') {
    const estimate = formatEstimate(value, { low, high })
    return `${text} (${estimate.low} – ${estimate.high})`
  }
  return `${text} (${formatValue(low, unit).replace(' %', '')} – ${formatValue(high, unit)})`
}

/** Labels of an axis that reaches up to `top`: round numbers, all in the unit of the largest. */
export function axisLabels(unit: Unit, top: number): (value: number) => string {
  const { name, factor } = axisUnit(unit, top)
  return value => `${roundNumber(value / factor)}${name && ` ${name}`}`
}

/** What stands below the axis of a sweep. */
export function sweptTitle({ title, uneven }: SweptAxis): string {
  return uneven ? `${title}, not to scale` : title
}

/** Whether of many labels every so many may be shown: rounds and times, but not chunks. */
export function isEven({ scale, uneven }: SweptAxis): boolean {
  return scale === 'steps' && !uneven
}

/** `2.5`, `10,000`: removes the rounding errors of added steps. */
export function roundNumber(value: number): string {
  return Math.abs(value) >= 1000 ? formatCount(value) : String(Number(value.toPrecision(6)))
}

/** How full the cells of heat maps are, from 0 to 1, and their figures, all in one unit. */
export function heatScale({
  value: { unit, log },
  maps,
}: {
  readonly value: HeatSpec['value']
  readonly maps: readonly { readonly cells: readonly { readonly value?: number }[] }[]
}) {
  const values = maps.flatMap(({ cells }) => cells.flatMap(({ value }) => value ?? []))
  const [least = 0, most = 0] = [smallestOf(values, Number), largestOf(values, Number)]
  const { name, factor } = axisUnit(unit, log ? usualOf(least, most) : most)
  return {
    unit: name,
    ...{ least, most },
    // Only a zero is empty.
    place: (value: number) =>
      log ? 0.1 + (0.9 * Math.log(value / least)) / Math.log(most / least) : most > 0 ? value / most : 0,
    format: (value: number) =>
      unit === 'share' ? formatPercent(value).replace(' %', '') : significant(value / factor),
  }
}

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  rate: formatRate,
  share: formatPercent,
  ms: formatMs,
  count: formatCount,
}
