/** Figures in the sentences of a gate. */
import { counted, formatPercent } from '../../base/units.ts'
import type { Change, LossChange } from '../compare/comparison.ts'
import type { Basis } from '../compare/judge.ts'
import type { Metric } from '../compare/metrics.ts'
import { basisText, formatEnds, formatMove, formatP, formatPoints, whyNoInterval } from '../compare/words.ts'

/** `goodput fell by 48.2 % (95 %: −49.0 to −47.1 %), from 962 Mbit/s to 498 Mbit/s; p <0.001, 20 pairs` */
export function changeSentence(metric: Metric, change: Change, base: number, value: number): string {
  const { ratio, interval, pHolm } = change
  const none = whyNoInterval(change)
  const ends = interval && !none && formatEnds(interval)
  const range = ends ? ` (95 %: ${ends.low} to ${ends.high})` : ''
  const [before, after] = [metric.format(base), metric.format(value)]
  // What pairs, processes or runs say need not be what the medians of all trials of their sides do.
  const isFar = Math.abs(Math.log(value / base / ratio)) >= TELLING
  const isOpposite = (value - base) * (ratio - 1) < 0 && before !== after
  const from =
    isFar || isOpposite
      ? ` ${BY[change.basis]}, and the medians are ${before} and ${after}`
      : `, from ${before} to ${after}`
  const basis = (change.basis === 'runs' ? 'against ' : '') + basisText(change) + (none ? `, ${none}` : '')
  return `${metric.title} ${formatMove(ratio)}${range}${from}; ${evidence(pHolm, basis)}`
}

const BY: Readonly<Record<Basis, string>> = {
  pairs: 'in the median pair',
  processes: 'from process to process',
  runs: 'from run to run',
  single: 'by the trials',
}

/** Figures of three digits that are as near look like what they are said to be. */
const TELLING = 0.05

/** `loss rose from 0.12 % to 3.40 %, by +3.3 points (95 %: +2.9 to +3.6); p <0.001, 16,000 datagrams` */
export function lossSentence(change: LossChange, base: number, value: number, accepted: number): string {
  const { difference, interval, pHolm } = change
  const of = counted(accepted, 'datagram')
  const range = `(95 %: ${formatPoints(interval.low)} to ${formatPoints(interval.high)} points)`
  if (difference === 0) return `loss is ${formatPercent(value)} as before ${range}; ${of}`
  const verb = difference > 0 ? 'rose' : 'fell'
  const from = `from ${formatPercent(base)} to ${formatPercent(value)}`
  return `loss ${verb} ${from}, by ${formatPoints(difference)} ${range}; ${evidence(pHolm, of)}`
}

function evidence(p: number | undefined, of: string): string {
  return p === undefined ? of : `p ${formatP(p)}, ${of}`
}
