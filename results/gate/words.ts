/** Figures in the sentences of a gate. */
import { formatCount, formatPercent } from '../../bench/units.ts'
import type { Change, LossChange } from '../compare/comparison.ts'
import type { Metric } from '../compare/metrics.ts'
import type { Interval } from '../statistics/quantiles.ts'

/** `goodput fell by 48.2 % (95 %: −49.0 % to −47.1 %), from 962 Mbit/s to 498 Mbit/s; p < 0.001, 20 pairs` */
export function changeSentence(metric: Metric, change: Change, base: number, value: number): string {
  const { ratio, interval, pHolm } = change
  const moved = ratio < 1 ? 'fell by' : 'rose by'
  const amount =
    ratio === 1
      ? 'did not change'
      : Number.isFinite(ratio)
        ? `${moved} ${formatPercent(Math.abs(ratio - 1))}`
        : 'rose from nothing'
  const range = interval ? ` (95 %: ${signedRange(interval, -1)})` : ''
  const from =
    ratio === 1 ? `, ${metric.format(value)}` : `, from ${metric.format(base)} to ${metric.format(value)}`
  return `${metric.title} ${amount}${range}${from}; ${[...pText(pHolm), basisText(change)].join(', ')}`
}

/** `loss rose from 0.12 % to 3.4 %, by 3.28 points (95 %: +2.9 to +3.6); p < 0.001, 16,000 datagrams` */
export function lossSentence(change: LossChange, base: number, value: number, accepted: number): string {
  const { difference, interval, pHolm } = change
  if (difference === 0)
    return `loss is ${formatPercent(value)} as before, of ${formatCount(accepted)} datagrams`
  const points = (share: number) => signed(share * 100, Math.abs(share * 100).toPrecision(2))
  const moved = difference > 0 ? 'rose' : 'fell'
  const range = ` (95 %: ${points(interval.low)} to ${points(interval.high)} points)`
  return `loss ${moved} from ${formatPercent(base)} to ${formatPercent(value)}${range}; ${[...pText(pHolm), `${formatCount(accepted)} datagrams`].join(', ')}`
}

/** `1 trial`, `20 trials` */
export function counted(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
}

/** `−49.0 % to −47.1 %` of an interval whose ends are ratios to 1. */
function signedRange({ low, high }: Interval, offset: number): string {
  return [low, high].map(end => signedPercent(end + offset)).join(' to ')
}

function signedPercent(share: number): string {
  if (!Number.isFinite(share)) return 'without end'
  return signed(share, formatPercent(Math.abs(share)))
}

function signed(value: number, shown: string): string {
  return value === 0 ? shown : `${value < 0 ? '−' : '+'}${shown}`
}

function pText(p: number | undefined): readonly string[] {
  if (p === undefined) return []
  return [p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(2)}`]
}

function basisText({ basis, n }: Change): string {
  return basis === 'pairs'
    ? counted(n, 'pair')
    : basis === 'runs'
      ? `against ${counted(n, 'run')}`
      : counted(n, 'trial')
}
