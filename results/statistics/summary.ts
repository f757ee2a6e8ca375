/** Summarizes the trials of one case in a few figures. Pure: records in, summaries out. */
import { groupBy, largestOf, sumOf } from '../../base/groups.ts'
import { type Cell, cellKey, cellOf, compareCells } from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isOfDatagrams, isPartRefused, longestDatagram } from '../schema/datagrams.ts'
import { flowsOf, foldTrial, rowsPerTrial } from '../schema/fold.ts'
import { LOSS_CAUSES, type LossCause, OUTCOMES } from '../schema/outcome.ts'
import { exchangeSummary } from './exchange.ts'
import { estimateOf } from './figure.ts'
import { framesSummary } from './frames.ts'
import { median, quantile, samplesForQuantile } from './quantiles.ts'

export interface CaseSummary extends Readonly<ReturnType<typeof figuresOf>> {
  readonly cell: Cell
  /** Its trials, by round. */
  readonly records: readonly TrialRecord[]
  /** Of each trial its rows: several where flows ran at the same time (`--streams`), by number of the flow. */
  readonly flows: readonly (readonly TrialRecord[])[]
}

/**
 * One summary a cell, by variant as they first appear, by size, chunk, rate … and then transport: trials come in a shuffled order. Rows of
 * trials that lack some of their flows are left out.
 */
export function summarize(records: readonly TrialRecord[]): readonly CaseSummary[] {
  const cases = groupBy(records, cellKey)
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
  const counts = byKey(LOSS_CAUSES, () => 0)
  counts['refused by the system'] = record.datagrams_refused ?? 0
  const lost = record.datagrams_lost ?? 0
  const { lost_send_queue: queue, lost_receive_buffer: buffer, lost_elsewhere: elsewhere } = record
  const { lost_emulated: emulated = 0 } = record
  if (queue === undefined && buffer === undefined && elsewhere === undefined) {
    if (record.loss_cause !== undefined && record.loss_cause !== 'refused by the system')
      counts[record.loss_cause] = lost
    return counts
  }
  counts['send queue'] = queue ?? 0
  counts['receive buffer'] = buffer ?? 0
  counts.elsewhere = elsewhere ?? 0
  counts['emulated way'] = emulated
  const others = () => lost - counts['send queue'] - counts['receive buffer'] - counts.elsewhere - emulated
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

/** The longest datagram of a case of which the system took all, for their size; undefined for others. */
export function takenBytes({ loss, tooLong, datagrams }: CaseSummary): number | undefined {
  return loss && !tooLong ? datagrams?.bytes : undefined
}

/** What the formats of these cases add to a chunk, at most. */
export function headerBytesOf(cases: readonly CaseSummary[]): number {
  return largestOf(cases, each => each.datagrams?.headerBytes) ?? 0
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

function figuresOf(records: readonly TrialRecord[]) {
  const causes = records.map(causesOf)
  return {
    outcomes: byKey(OUTCOMES, kind => records.filter(each => each.outcome === kind).length),
    /** What did not arrive, in datagrams by cause, as far as the cause is known. */
    lossCauses: byKey(LOSS_CAUSES, cause => sumOf(causes, each => each[cause])),
    /** In bit/s, over the trials whose goodput is known (0 when nothing arrived). */
    goodput: goodputOf(records),
    /** In ms, over the trials that ran to their end. The 99th percentile only where they are enough for one. */
    totalMs: totalOf(records),
    /** Median of Jain's index over the trials; undefined without streams at the same time. */
    fairness: median(known(records, each => each.fairness)),
    /** Of an exchange; undefined for a transfer. */
    exchange: exchangeSummary(records),
    /** Of pictures in a row; undefined for anything else. */
    frames: framesSummary(records),
    /**
     * Undefined for a stream, and if no end of any trial reported. `bytes`: of the longest one of the payload. `whole`: one datagram for a
     * payload of several chunks. `headerBytes`: what the format adds to a chunk, or to the whole payload.
     */
    datagrams: datagramsOf(records),
    /** Datagrams; undefined for a stream and when nothing is known of the other end. */
    loss: lossOf(records),
    /** Datagrams of the payload, and how many headers and markers (`parts`); undefined for a stream, and if nothing was offered. */
    refusals: refusalsOf(records),
    /** Where the system refused datagrams for their size: the smallest of them, and of what part of the transfer it is. */
    tooLong: tooLongOf(records),
    /** Trials whose payload arrived unchanged, among those for which that is known. */
    intact: intactOf(records),
  }
}

function goodputOf(records: readonly TrialRecord[]) {
  const estimate = estimateOf(records, 'goodput_bps')
  if (!estimate) return undefined
  const { n, median: medianBps, ...certainty } = estimate
  return { medianBps, trials: n, ...certainty }
}

function totalOf(records: readonly TrialRecord[]) {
  const ended = records.filter(each => each.outcome === 'completed' || each.outcome === 'incomplete')
  const samples = known(ended, each => each.total_ms)
  const p50 = quantile(samples, 0.5)
  const max = quantile(samples, 1)
  if (p50 === undefined || max === undefined) return undefined
  const p99 = samples.length < samplesForQuantile(0.99) ? undefined : quantile(samples, 0.99)
  return { p50, max, trials: samples.length, p99 }
}

function datagramsOf(records: readonly TrialRecord[]) {
  const reported = records.filter(isOfDatagrams)
  if (reported.length === 0) return undefined
  // A failed trial may have ended after its first datagram.
  const sent = reported.filter(each => each.outcome !== 'failed' && (each.datagrams_offered ?? 0) > 0)
  const whole =
    sent.length > 0 &&
    sent.every(
      each =>
        // Pictures in a row are a payload each.
        (each.datagrams_offered ?? 0) <= (rowsPerTrial(each) ?? 1) * (each.frames_due ?? 1) &&
        (each.size_bytes ?? 0) > each.chunk_bytes,
    )
  const headerOf = ({ datagram_bytes: bytes = 0, size_bytes: size, chunk_bytes: chunk }: TrialRecord) =>
    bytes - (whole ? (size ?? 0) : Math.min(size ?? chunk, chunk))
  const headerBytes = Math.max(0, largestOf(reported, headerOf) ?? 0)
  return { bytes: largestOf(reported, longestOf) ?? 0, whole, headerBytes }
}

function longestOf(record: TrialRecord): number {
  return longestDatagram(record, record.datagram_bytes, record.datagrams_offered, record.outcome)
}

function lossOf(records: readonly TrialRecord[]) {
  const counted = records.filter(each => each.datagrams_lost !== undefined)
  const accepted = sumOf(counted, each => each.datagrams_accepted)
  const lost = sumOf(counted, each => each.datagrams_lost)
  return accepted > 0 ? { lost, accepted, ratio: lost / accepted } : undefined
}

function refusalsOf(records: readonly TrialRecord[]) {
  const offered = sumOf(records, each => each.datagrams_offered)
  const refused = sumOf(records, each => each.datagrams_refused)
  const parts = records.filter(each => isPartRefused(each.outcome, each.datagrams_refused)).length
  return offered + parts > 0 ? { offered, refused, parts } : undefined
}

function tooLongOf(records: readonly TrialRecord[]) {
  const tooLong = records
    .filter(each => each.error_code === 'EMSGSIZE')
    .map(each => ({
      datagramBytes: each.refused_datagram_bytes ?? longestOf(each),
      part: each.error_phase === 'handshake' ? ('header' as const) : ('payload' as const),
      emulated: each.limit_emulated,
    }))
  return tooLong.sort((a, b) => a.datagramBytes - b.datagramBytes)[0]
}

function intactOf(records: readonly TrialRecord[]) {
  const answers = known(records, each => each.payload_intact)
  return answers.length > 0 ? { trials: answers.filter(Boolean).length, known: answers.length } : undefined
}

function byKey<K extends string>(keys: readonly K[], count: (key: K) => number): Record<K, number> {
  return Object.fromEntries(keys.map(key => [key, count(key)])) as Record<K, number>
}
