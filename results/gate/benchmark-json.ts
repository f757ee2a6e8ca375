/** Results for github-action-benchmark, tool `customBiggerIsBetter`: a list of figures of which more is better. Pure. */

import { given } from '../../base/given.ts'
import { counted } from '../../base/units.ts'
import { type Ends, endsOf } from '../document/format.ts'
import { renderJson } from '../document/json.ts'
import { estimateOf, type TrialSet } from '../read/trial-set.ts'
import { lossInterval } from '../statistics/loss.ts'
import type { Share } from '../statistics/proportions.ts'
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
    const median = goodput && `median of ${counted(goodput.n, 'trial')}`
    const of = loss && `of ${counted(loss.accepted, 'datagram')} accepted in ${counted(loss.trials, 'trial')}`
    return given(
      goodput && figure(`${name}: goodput`, 'Mbit/s', goodput.median, endsOf(goodput), 1e-6, median),
      loss && figure(`${name}: delivered`, '%', 1 - loss.ratio, deliveredEnds(loss), 100, of),
    )
  })
  return renderJson(figures, 2)
}

function deliveredEnds({ interval: { low, high } }: Share): Ends {
  return { low: 1 - high, high: 1 - low, name: '95 %' }
}

function figure(
  name: string,
  unit: string,
  value: number,
  ends: Ends | undefined,
  factor: number,
  extra = '',
): Figure {
  const scaled = (number: number) => Number((number * factor).toPrecision(6))
  // What the action draws as the width of a point.
  const half = ends && scaled((ends.high - ends.low) / 2)
  const between = ends ? `, ${ends.name}: ${scaled(ends.low)} to ${scaled(ends.high)} ${unit}` : ''
  return {
    ...{ name, unit, value: scaled(value) },
    ...(half === undefined ? {} : { range: `± ${half}` }),
    extra: extra + between,
  }
}
