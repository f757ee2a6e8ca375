/** How a chart writes its numbers. Runs in the browser too. */
import { formatCount, formatMs, formatPercent, formatRate, rateUnit } from '../../base/units.ts'
import type { Unit } from './chart-spec.ts'
import { formatEstimate } from './format.ts'

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
  if (name === '') return formatCount
  // toPrecision removes the rounding errors of added steps.
  return value =>
    unit === 'share' && value > 0 && value < 0.0001
      ? formatPercent(value)
      : `${Number((value / factor).toPrecision(6))} ${name}`
}

function axisUnit(unit: Unit, top: number): { readonly name: string; readonly factor: number } {
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

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  rate: formatRate,
  share: formatPercent,
  ms: formatMs,
  count: formatCount,
}
