/** What can be compared: a column, which way is better, and how its values are written. */
import { formatMs, formatRate } from '../../bench/units.ts'
import type { ColumnName } from '../columns.ts'

export interface Metric {
  /** As in `--metric`. */
  readonly name: string
  readonly column: ColumnName
  readonly better: 'higher' | 'lower'
  readonly title: string
  readonly format: (value: number) => string
}

const time = (name: string, column: ColumnName, title: string): Metric => ({
  name,
  column,
  better: 'lower',
  title,
  format: formatMs,
})

export const METRICS: readonly Metric[] = [
  { name: 'goodput', column: 'goodput_bps', better: 'higher', title: 'goodput', format: formatRate },
  time('delivery', 'delivery_ms', 'delivery time'),
  time('total', 'total_ms', 'total time'),
  time('connect', 'connect_ms', 'connect'),
  time('handshake', 'handshake_ms', 'handshake'),
  time('transfer', 'transfer_ms', 'transfer'),
  time('ack', 'ack_ms', 'acknowledgement'),
  time('sender-cpu', 'sender_cpu_ms', 'CPU of the sender'),
  time('receiver-cpu', 'receiver_cpu_ms', 'CPU of the receiver'),
]
