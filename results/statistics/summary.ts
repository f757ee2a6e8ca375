/** Summarizes the trials of one case in a few figures. Pure: records in, summaries out. */
import { groupBy } from '../../base/groups.ts'
import { type Cell, cellKey, cellOf, compareCells } from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isOfDatagrams, isPartRefused, longestDatagram } from '../schema/datagrams.ts'
import { flowsOf, foldTrial, rowsPerTrial } from '../schema/fold.ts'
import { LOSS_CAUSES, type LossCause, OUTCOMES, type OutcomeKind } from '../schema/outcome.ts'
import { type ExchangeSummary, exchangeSummary } from './exchange.ts'
import { estimateOf } from './figure.ts'
import { type FramesSummary, framesSummary } from './frames.ts'
import type { Certainty } from './processes.ts'
import { median, quantile, samplesForQuantile } from './quantiles.ts'

export interface CaseSummary {
  readonly cell: Cell
  /** Its trials, by round. */
  readonly records: readonly TrialRecord[]
  /** Of each trial its rows: several where flows ran at the same time (`--streams`), by number of the flow. */
  readonly flows: readonly (readonly TrialRecord[])[]
  readonly outcomes: Readonly<Record<OutcomeKind, number>>
  /** In bit/s, over the trials whose goodput is known (0 when nothing arrived). */
  readonly goodput: (Certainty & { readonly medianBps: number; readonly trials: number }) | undefined
  /** In ms, over the trials that ran to their end. The 99th percentile only where they are enough for one. */
  readonly totalMs:
    | {
        readonly p50: number
        readonly max: number
        readonly p99?: number | undefined
        readonly trials: number
      }
    | undefined
  /** Median of Jain's index over the trials; undefined without streams at the same time. */
  readonly fairness: number | undefined
  /** Of an exchange; undefined for a transfer. */
  readonly exchange: ExchangeSummary | undefined
  /** Of pictures in a row; undefined for anything else. */
  readonly frames: FramesSummary | undefined
  /** Undefined for a stream, and if no end of any trial reported. */
  readonly datagrams:
    | {
        /** Size of the longest one of the payload. */
        readonly bytes: number
        /** One datagram for a payload of several chunks: the transport sends it whole. */
        readonly whole: boolean
        /** What the format adds to a chunk, or to the whole payload. */
        readonly headerBytes: number
      }
    | undefined
  /** Datagrams; undefined for a stream and when nothing is known of the other end. */
  readonly loss: { readonly lost: number; readonly accepted: number; readonly ratio: number } | undefined
  /** Datagrams of the payload, and how many headers and markers were refused; undefined for a stream, and if nothing was offered. */
  readonly refusals:
    | { readonly refused: number; readonly offered: number; readonly parts: number }
    | undefined
  /** Where the system refused datagrams for their size: the smallest of them, and of what part of the transfer it is. */
  readonly tooLong:
    | {
        readonly datagramBytes: number
        readonly part: 'header' | 'payload'
        readonly emulated: boolean
      }
    | undefined
  /** Trials whose payload arrived unchanged, among those for which that is known. */
  readonly intact: { readonly trials: number; readonly known: number } | undefined
  /** What did not arrive, in datagrams by cause, as far as the cause is known. */
  readonly lossCauses: Readonly<Record<LossCause, number>>
}

/**
 * One summary a cell, by variant as they first appear, by size, chunk, rate … and then transport: trials come in a shuffled order. Rows of
 * trials that lack some of their flows are left out.
 */
export function summarize(records: readonly TrialRecord[]): readonly CaseSummary[] {
  const cases = groupBy(records, record => cellKey(cellOf(record)))
  const variants = [...new Set(records.map(each => each.variant))]
  return [...cases.values()].flatMap(summarizeCase).sort((a, b) => compareCells(a.cell, b.cell, variants))
}

/** The cause of most losses of a case; undefined if nothing was lost or the cause is unknown. */
export function mainCause(summary: CaseSummary): LossCause | undefined {
  const causes = LOSS_CAUSES.filter(cause => summary.lossCauses[cause] > 0)
  return causes.sort((a, b) => summary.lossCauses[b] - summary.lossCauses[a])[0]
}

/**
 * What did not arrive of one trial, in datagrams by cause; rows of versions that did not count causes have one cause for all. What is
 * damaged or late is counted beside what was lost elsewhere.
 */
export function causesOf(record: TrialRecord): Readonly<Record<LossCause, number>> {
  const counts = noCauses()
  counts['refused by the system'] = record.datagrams_refused ?? 0
  const lost = record.datagrams_lost ?? 0
  const { lost_send_queue: queue, lost_receive_buffer: buffer, lost_elsewhere: elsewhere } = record
  if (queue === undefined && buffer === undefined && elsewhere === undefined) {
    if (record.loss_cause !== undefined && record.loss_cause !== 'refused by the system')
      counts[record.loss_cause] = lost
    return counts
  }
  counts['send queue'] = queue ?? 0
  counts['receive buffer'] = buffer ?? 0
  counts.elsewhere = elsewhere ?? 0
  const others = () => lost - counts['send queue'] - counts['receive buffer'] - counts.elsewhere
  counts.damaged = Math.max(0, Math.min(record.datagrams_corrupt ?? 0, others()))
  counts.late = Math.max(0, Math.min(record.datagrams_late ?? 0, others() - counts.damaged))
  return counts
}

/** Refused datagrams of those offered, 0 to 1, with headers and markers that were refused; undefined for a stream. */
export function refusedShare({ refusals }: CaseSummary): number | undefined {
  return refusals && (refusals.refused + refusals.parts) / (refusals.offered + refusals.parts)
}

/** True if any datagram was refused, including the header or marker before the payload. */
export function anyRefused(summary: CaseSummary): boolean {
  return (refusedShare(summary) ?? 0) > 0
}

/** What the formats of these cases add to a chunk, at most. */
export function headerBytesOf(cases: readonly CaseSummary[]): number {
  return Math.max(0, ...known(cases, each => each.datagrams?.headerBytes))
}

/** The defined values of `pick`. */
export function known<T, V>(items: readonly T[], pick: (item: T) => V | undefined): readonly V[] {
  return items.map(pick).filter(value => value !== undefined)
}

function summarizeCase(rows: readonly TrialRecord[]): readonly CaseSummary[] {
  const flows = flowsOf(rows).trials.toSorted(([a], [b]) => (a?.round ?? 0) - (b?.round ?? 0))
  const records = flows.map(foldTrial)
  const [first] = records
  return first ? [{ cell: cellOf(first), records, flows, ...figuresOf(records) }] : []
}

function figuresOf(records: readonly TrialRecord[]): Omit<CaseSummary, 'cell' | 'records' | 'flows'> {
  return {
    outcomes: countBy(
      OUTCOMES,
      known(records, each => each.outcome),
    ),
    lossCauses: records.map(causesOf).reduce(addCauses, noCauses()),
    goodput: goodputOf(records),
    totalMs: totalOf(records),
    fairness: median(known(records, each => each.fairness)),
    exchange: exchangeSummary(records),
    frames: framesSummary(records),
    datagrams: datagramsOf(records),
    loss: lossOf(records),
    refusals: refusalsOf(records),
    tooLong: tooLongOf(records),
    intact: intactOf(records),
  }
}

function goodputOf(records: readonly TrialRecord[]): CaseSummary['goodput'] {
  const estimate = estimateOf(records, 'goodput_bps')
  if (!estimate) return undefined
  const { n, median: medianBps, ...certainty } = estimate
  return { medianBps, trials: n, ...certainty }
}

function totalOf(records: readonly TrialRecord[]): CaseSummary['totalMs'] {
  const ended = records.filter(each => each.outcome === 'completed' || each.outcome === 'incomplete')
  const samples = known(ended, each => each.total_ms)
  const p50 = quantile(samples, 0.5)
  const max = quantile(samples, 1)
  if (p50 === undefined || max === undefined) return undefined
  const p99 = samples.length < samplesForQuantile(0.99) ? undefined : quantile(samples, 0.99)
  return { p50, max, trials: samples.length, p99 }
}

function datagramsOf(records: readonly TrialRecord[]): CaseSummary['datagrams'] {
  const reported = records.filter(isOfDatagrams)
  if (reported.length === 0) return undefined
  // A failed trial may have ended after its first datagram.
  const sent = reported.filter(each => each.outcome !== 'failed' && (each.datagrams_offered ?? 0) > 0)
  const whole =
    sent.length > 0 &&
    sent.every(
      each =>
        each.datagrams_offered === (rowsPerTrial(each) ?? 1) && (each.size_bytes ?? 0) > each.chunk_bytes,
    )
  const headerOf = ({ datagram_bytes: bytes = 0, size_bytes: size, chunk_bytes: chunk }: TrialRecord) =>
    bytes - (whole ? (size ?? 0) : Math.min(size ?? chunk, chunk))
  const most = (of: (record: TrialRecord) => number) =>
    reported.reduce((largest, each) => Math.max(largest, of(each)), 0)
  return { bytes: most(longestOf), whole, headerBytes: most(headerOf) }
}

function longestOf(record: TrialRecord): number {
  return longestDatagram(record, record.datagram_bytes, record.datagrams_offered, record.outcome)
}

function lossOf(records: readonly TrialRecord[]): CaseSummary['loss'] {
  const counted = records.filter(each => each.datagrams_lost !== undefined)
  const accepted = sum(known(counted, each => each.datagrams_accepted))
  const lost = sum(known(counted, each => each.datagrams_lost))
  return accepted > 0 ? { lost, accepted, ratio: lost / accepted } : undefined
}

function refusalsOf(records: readonly TrialRecord[]): CaseSummary['refusals'] {
  const offered = sum(known(records, each => each.datagrams_offered))
  const refused = sum(known(records, each => each.datagrams_refused))
  const parts = records.filter(each => isPartRefused(each.outcome, each.datagrams_refused)).length
  return offered + parts > 0 ? { offered, refused, parts } : undefined
}

function tooLongOf(records: readonly TrialRecord[]): CaseSummary['tooLong'] {
  const tooLong = records
    .filter(each => each.error_code === 'EMSGSIZE')
    .map(each => ({
      datagramBytes: each.refused_datagram_bytes ?? longestOf(each),
      part: each.error_phase === 'handshake' ? ('header' as const) : ('payload' as const),
      emulated: each.limit_emulated,
    }))
  return tooLong.sort((a, b) => a.datagramBytes - b.datagramBytes)[0]
}

function intactOf(records: readonly TrialRecord[]): CaseSummary['intact'] {
  const answers = known(records, each => each.payload_intact)
  return answers.length > 0 ? { trials: answers.filter(Boolean).length, known: answers.length } : undefined
}

function noCauses(): Record<LossCause, number> {
  return countBy(LOSS_CAUSES, [])
}

function addCauses(sum: Readonly<Record<LossCause, number>>, counts: Readonly<Record<LossCause, number>>) {
  const total = noCauses()
  for (const cause of LOSS_CAUSES) total[cause] = sum[cause] + counts[cause]
  return total
}

function countBy<K extends string>(keys: readonly K[], values: readonly K[]): Record<K, number> {
  const counts = Object.fromEntries(keys.map(key => [key, 0])) as Record<K, number>
  for (const value of values) counts[value]++
  return counts
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
