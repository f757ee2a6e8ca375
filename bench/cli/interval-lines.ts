/** The live lines of streams: what each interval of a trial brought, over all its flows of a direction. */
import { formatCount, formatMs, formatPercent, formatRate } from '../../base/units.ts'
import { foldRecords } from '../../results/schema/fold.ts'
import { INTERVAL_COLUMNS, type IntervalRecord } from '../../results/schema/intervals.ts'

/** Waits for all flows of an interval, and adds them up. */
export class IntervalSums {
  readonly #waiting = new Map<string, IntervalRecord[]>()
  #trial: unknown

  /** Returns the sum, once the last one has come. */
  add(row: IntervalRecord): IntervalRecord | undefined {
    const { streams = 1, trial, direction, interval } = row
    // What flows did not report is of no use any more.
    if (trial !== this.#trial) this.#waiting.clear()
    this.#trial = trial
    const key = `${direction} ${interval}`
    const rows = [...(this.#waiting.get(key) ?? []), row]
    this.#waiting.set(key, rows)
    if (rows.length < streams) return undefined
    this.#waiting.delete(key)
    return rows.length === 1 ? row : foldRecords(INTERVAL_COLUMNS, rows)
  }
}

/** `udp-marker  2 – 3 s  3.61 Gbit/s  lost 0.12 %` */
export function intervalLine(row: IntervalRecord): string {
  const {
    from_ms = 0,
    to_ms = 0,
    goodput_bps,
    rtt_ms,
    cwnd_segments,
    retransmits,
    datagrams_lost,
    datagrams_delivered = 0,
  } = row
  const { transport = '', direction, streams } = row
  const across = direction?.startsWith('bidir') ? ` ${direction.slice('bidir-'.length)}` : ''
  const seconds = `${(from_ms / 1000).toFixed(1)} – ${(to_ms / 1000).toFixed(1)} s`
  const all = Math.max(1, datagrams_delivered + (datagrams_lost ?? 0))
  return [
    `${transport}${across}${streams === undefined ? '' : `, ${streams} streams`}`.padEnd(12),
    seconds.padStart(14),
    (goodput_bps === undefined ? '–' : formatRate(goodput_bps)).padStart(12),
    ...(datagrams_lost === undefined ? [] : [`lost ${formatPercent(datagrams_lost / all)}`]),
    ...(retransmits === undefined ? [] : [`${formatCount(retransmits)} retransmitted`]),
    ...(rtt_ms === undefined ? [] : [`RTT ${formatMs(rtt_ms)}`]),
    ...(cwnd_segments === undefined ? [] : [`cwnd ${formatCount(cwnd_segments)}`]),
    ...(row.omitted ? ['(omitted)'] : []),
  ].join('  ')
}
