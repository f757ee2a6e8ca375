/** What charts show of cases: goodput, loss, round trips and pictures on time. */
import type { SweepPoint, SweepSpec, Unit } from '../document/chart-spec.ts'
import { onTimeShare } from '../statistics/frames.ts'
import { lossInterval } from '../statistics/loss.ts'
import { brief, type Case, hasLoss } from './case.ts'

export interface Measure {
  readonly kind: 'goodput' | 'loss' | 'latency' | 'on-time'
  readonly title: string
  /** Below or beside its axis. */
  readonly axis: string
  readonly unit: Unit
  readonly ceiling?: number
  /** Upright lines of a sweep over the rate: the bounds that a search found. */
  readonly bounds?: SweepSpec['marks']
  /** The head of its estimates. */
  readonly figure: string
  /** Has the value of a trial, unless that says little. */
  readonly column?: 'goodput_bps' | 'loss_ratio' | 'rtt_p50_ms'
  /** Undefined if unknown. */
  readonly estimate: (each: Case) => Omit<SweepPoint, 'x'> | undefined
  /** Whether a cross on the axis shows that the system refused. */
  readonly refused?: (each: Case) => boolean
  /** How to read a sweep, heat maps, and rows of cases. */
  readonly sweepNote: string
  readonly heatNote: string
  readonly casesNote: string
}

const MEDIANS_NOTE = 'Large marks are medians, small dots single trials.'

export const GOODPUT: Measure = {
  kind: 'goodput',
  title: 'Goodput',
  axis: 'goodput',
  unit: 'rate',
  figure: 'median',
  column: 'goodput_bps',
  estimate: ({ goodput }) =>
    goodput && { y: brief(goodput.medianBps), ...ends(goodput.interval), n: goodput.trials },
  refused: ({ outcomes }) => outcomes.refused > 0,
  sweepNote: MEDIANS_NOTE,
  heatNote: 'Medians: the fuller the colour of a cell, the larger.',
  casesNote: 'Strokes are medians, dots single trials.',
}

const LOSS_NOTE =
  'Datagrams lost of those that the system accepted, over all trials; small dots are single trials.'

export const LOSS: Measure = {
  kind: 'loss',
  title: 'Loss',
  axis: 'loss',
  unit: 'share',
  ceiling: 1,
  figure: 'loss',
  column: 'loss_ratio',
  estimate: summary => {
    if (!hasLoss(summary)) return undefined
    const loss = lossInterval(
      summary.records.map(each => each.datagrams_lost ?? Number.NaN),
      summary.records.map(each => each.datagrams_accepted ?? Number.NaN),
    )
    return loss && { y: brief(loss.ratio), ...ends(loss.interval), n: loss.trials }
  },
  sweepNote: LOSS_NOTE,
  heatNote:
    'Datagrams lost of those that the system accepted, over all trials: the fuller the colour of a cell, the more.',
  casesNote: LOSS_NOTE,
}

/** Loss, with the bounds that a search found. */
export function withBounds(bounds: Measure['bounds']): Measure {
  return bounds && bounds.length > 0 ? { ...LOSS, bounds } : LOSS
}

/** Of requests; percentiles are in a chart of their own. */
export const ROUND_TRIP: Measure = {
  kind: 'latency',
  title: 'Median round trip',
  axis: 'round trip',
  unit: 'ms',
  figure: 'median',
  column: 'rtt_p50_ms',
  estimate: ({ exchange }) =>
    exchange?.rtt && {
      y: brief(exchange.rtt.medianMs),
      ...ends(exchange.rtt.interval),
      n: exchange.rtt.trials,
    },
  sweepNote: MEDIANS_NOTE,
  heatNote: GOODPUT.heatNote,
  casesNote: GOODPUT.casesNote,
}

const ON_TIME_NOTE = 'Pictures on time, of all that were due in all trials.'

/** Of pictures in a row. */
export const ON_TIME: Measure = {
  kind: 'on-time',
  title: 'Pictures on time',
  axis: 'on time',
  unit: 'share',
  ceiling: 1,
  figure: 'on time',
  estimate: ({ frames, records }) => {
    const share = frames && onTimeShare(frames)
    return share === undefined ? undefined : { y: brief(share), n: records.length }
  },
  sweepNote: ON_TIME_NOTE,
  heatNote: ON_TIME_NOTE,
  casesNote: ON_TIME_NOTE,
}

function ends(interval: { readonly low: number; readonly high: number } | undefined) {
  return interval ? { low: brief(interval.low), high: brief(interval.high) } : {}
}
