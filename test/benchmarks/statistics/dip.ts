/** Critical values of the dip (results/statistics/dip.ts has them as a table): uniform samples, the least favourable single mode. */
import { dip, dipCriticalValue } from '../../../results/statistics/dip.ts'
import { randomOf } from '../../simulation/noise.ts'
import { markdown } from './markdown.ts'

export function dipTable(draws: number): string {
  const rows = [10, 15, 20, 30, 50, 100, 200, 500].map(n => {
    const random = randomOf(n)
    const scaled = Float64Array.from(
      { length: draws },
      () => Math.sqrt(n) * dip(Float64Array.from({ length: n }, random).sort()),
    ).sort()
    const quantile = (p: number) => (scaled[Math.ceil(p * draws) - 1] ?? Number.NaN).toFixed(4)
    const used = Math.sqrt(n) * (dipCriticalValue(n) ?? Number.NaN)
    return [`${n}`, quantile(0.95), quantile(0.99), quantile(0.999), used.toFixed(4)]
  })
  return markdown(['samples', 'sqrt(n) x dip: 95 %', '99 %', '99.9 %', 'as used'], rows)
}
