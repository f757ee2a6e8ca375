/** Results for github-action-benchmark, tool `customBiggerIsBetter`: a list of figures of which more is better. Pure. */

import { given } from '../../base/given.ts'
import { counted } from '../../base/units.ts'
import { renderJson } from '../document/json.ts'
import { estimateOf, type TrialSet } from '../read/trial-set.ts'
import { lossInterval } from '../statistics/loss.ts'
import type { Interval } from '../statistics/quantiles.ts'
import { fullName } from './names.ts'

interface Figure {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly range?: string
  readonly extra: string
}

/** Goodput in Mbit/s, and of datagrams the share delivered in %: the same name for the same cell in every run. */
export function benchmarkJson({ cells }: TrialSet): string {
  const figures = cells.flatMap(trials => {
    const name = fullName(trials.cell)
    const goodput = estimateOf(trials, 'goodput_bps')
    const loss = lossInterval(trials.numbers('datagrams_lost'), trials.numbers('datagrams_accepted'))
    const delivered = loss && { low: 1 - loss.interval.high, high: 1 - loss.interval.low }
    return given(
      goodput &&
        figure(`${name}: goodput`, 'Mbit/s', goodput.median, goodput.interval, 1e-6, {
          extra: `median of ${counted(goodput.n, 'trial')}`,
        }),
      loss &&
        figure(`${name}: delivered`, '%', 1 - loss.ratio, delivered, 100, {
          extra: `of ${counted(loss.accepted, 'datagram')} accepted in ${counted(loss.trials, 'trial')}`,
        }),
    )
  })
  return renderJson(figures, 2)
}

function figure(
  name: string,
  unit: string,
  value: number,
  interval: Interval | undefined,
  factor: number,
  { extra }: { readonly extra: string },
): Figure {
  const scaled = (number: number) => Number((number * factor).toPrecision(6))
  // What the action draws as the width of a point.
  const half = interval && scaled((interval.high - interval.low) / 2)
  const ends = interval ? `, 95 %: ${scaled(interval.low)} to ${scaled(interval.high)} ${unit}` : ''
  return {
    ...{ name, unit, value: scaled(value) },
    ...(half === undefined ? {} : { range: `± ${half}` }),
    extra: extra + ends,
  }
}
