/** Figures of the results, made from the formatters of `base/units.ts`. */
import { formatRate, parseRate } from '../../base/units.ts'
import type { Interval } from '../statistics/quantiles.ts'

/** `2.41 Gbit/s`, and its interval as `2.31` and `2.52` in the same unit. */
export function formatEstimate(
  valueBps: number,
  interval: Interval | undefined,
): { readonly value: string; readonly low?: string; readonly high?: string } {
  const { unit, factor } = rateUnit(valueBps > 0 ? valueBps : (interval?.high ?? 0))
  const value = `${significant(valueBps / factor)} ${unit}`
  if (!interval) return { value }
  return { value, low: significant(interval.low / factor), high: significant(interval.high / factor) }
}

/** The unit in which a rate is shown: `Gbit/s` and 1e9. */
export function rateUnit(valueBps: number): { readonly unit: string; readonly factor: number } {
  const unit = formatRate(valueBps).split(' ')[1] ?? 'bit/s'
  return { unit, factor: parseRate(`1${unit}`) }
}

/** `400M`: a rate as `--rate` takes it, of two significant digits and never above `valueBps`. */
export function rateFlag(valueBps: number): string {
  const { factor, unit } = rateUnit(valueBps)
  const scaled = valueBps / factor
  const step = 10 ** (Math.floor(Math.log10(scaled)) - 1)
  const figure = Number((Math.floor(scaled / step) * step).toFixed(2))
  return `${figure}${unit.replace('bit/s', '')}`
}

/** Three significant digits, no exponent: `2.41`, `985`, `0.0412`. */
export function significant(value: number): string {
  if (value === 0) return '0'
  const decimals = 2 - Math.floor(Math.log10(Math.abs(value) * 1.0005))
  return value.toFixed(Math.max(0, Math.min(decimals, 6)))
}
