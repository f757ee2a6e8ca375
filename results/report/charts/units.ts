/** How numbers of a chart are written. Runs in the browser too. */
import { formatBytes, formatCount, formatMs, formatPercent, formatRate } from '../../../base/units.ts'
import type { Unit } from '../../document/chart-spec.ts'
import { formatEstimate, rateUnit } from '../../document/format.ts'

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
  switch (unit) {
    case 'rate': {
      const { unit: name, factor } = rateUnit(top > 0 ? top : 1)
      return value => (value === 0 ? '0' : `${plain(value / factor)} ${name}`)
    }
    case 'share':
      return value => (value === 0 ? '0 %' : `${plain(value * 100)} %`)
    case 'ms': {
      const [name, factor] = top >= 1000 ? ['s', 1000] : top < 1 ? ['µs', 0.001] : ['ms', 1]
      return value => (value === 0 ? '0' : `${plain(value / factor)} ${name}`)
    }
    case 'bytes':
    case 'count':
      return formatCount
  }
}

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  rate: formatRate,
  share: formatPercent,
  ms: formatMs,
  bytes: formatBytes,
  count: formatCount,
}

/** Without the noise of adding up steps. */
function plain(value: number): string {
  return String(Number(value.toPrecision(6)))
}
