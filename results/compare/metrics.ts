/** What can be compared: a column, which way is better, and how its values are written. */
import { formatCount, formatMs, formatPercent, formatRate } from '../../base/units.ts'
import { type ColumnUnit, UNITS } from '../document/format.ts'
import type { ColumnName } from '../schema/columns.ts'

export interface Metric {
  /** As in `--metric`. */
  readonly name: string
  readonly column: ColumnName
  readonly better: 'higher' | 'lower'
  readonly title: string
  /** In a chart. */
  readonly unit: keyof typeof FORMS
  readonly format: (value: number) => string
  /** Units in which a whole table can be written, from the smallest; a value / `factor` is in the unit. */
  readonly units: readonly ColumnUnit[]
}

const FORMS = {
  rate: {
    better: 'higher',
    format: formatRate,
    units: UNITS.rate,
  },
  ms: {
    better: 'lower',
    format: formatMs,
    units: UNITS.ms,
  },
  count: { better: 'higher', format: (value: number) => formatCount(Math.round(value)), units: [] },
  /** Of 0 to 1. */
  share: { better: 'higher', format: formatPercent, units: [{ name: '%', factor: 0.01 }] },
} as const

const metric =
  (unit: keyof typeof FORMS) =>
  (name: string, column: ColumnName, title: string): Metric => ({ name, column, title, unit, ...FORMS[unit] })
const [time, share] = [metric('ms'), metric('share')]

const GOODPUT = metric('rate')('goodput', 'goodput_bps', 'goodput')
const FRAME_DELAY = time('frame-delay', 'frame_delay_p50_ms', 'delay of pictures')
/** Round trips per minute under load: what a case is measured for that has them. */
export const RPM = metric('count')('rpm', 'rpm', 'RPM')
export const RTT = time('rtt', 'rtt_p50_ms', 'round trip')
const TOTAL = time('total', 'total_ms', 'total time')

export const METRICS: readonly Metric[] = [
  GOODPUT,
  RPM,
  RTT,
  time('rtt-p99', 'rtt_p99_ms', '99th percentile of round trips'),
  time('there', 'there_p50_ms', 'time there'),
  time('back', 'back_p50_ms', 'time back'),
  time('delivery', 'delivery_ms', 'delivery time'),
  time('payload-delivery', 'payload_delivery_ms', 'delivery time of the payload'),
  TOTAL,
  time('connect', 'connect_ms', 'connect time'),
  time('tls-handshake', 'tls_ms', 'TLS handshake time'),
  time('handshake', 'handshake_ms', 'handshake time'),
  time('transfer', 'transfer_ms', 'transfer time'),
  time('ack', 'ack_ms', 'acknowledgement time'),
  share('fairness', 'fairness', 'fairness of streams'),
  share('frames-on-time', 'frames_on_time_ratio', 'pictures on time'),
  FRAME_DELAY,
  time('sender-cpu', 'sender_cpu_ms', 'CPU time of the sender'),
  time('receiver-cpu', 'receiver_cpu_ms', 'CPU time of the receiver'),
]

/** Metrics to compare by where none is named; of these, the first that is known: what a foreign receiver got is not. */
export const USUAL_METRICS: readonly Metric[] = [GOODPUT, RTT, FRAME_DELAY, TOTAL]

/** @param isKnown whether any trial has a value of a column */
export function usualMetric(isKnown: (column: ColumnName) => boolean): Metric {
  return USUAL_METRICS.find(({ column }) => isKnown(column)) ?? GOODPUT
}
