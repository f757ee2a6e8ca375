/** What a row says about its datagrams. For rows of versions without `datagram_bytes` and `beginning_arrived` it follows from the counts. */
import type { TrialRecord } from './columns.ts'
import { BEGINNING_LOST } from './outcome.ts'

/** The payload of a trial crossed as datagrams, or would have; false for a stream, and where no end reported. */
export function isOfDatagrams(record: TrialRecord): boolean {
  return record.datagrams_offered !== undefined || record.datagrams_delivered !== undefined
}

/**
 * The longest payload datagram of a trial, in bytes.
 * @param longest, offered, outcome its columns `datagram_bytes`, `datagrams_offered` and `outcome`
 */
export function longestDatagram(
  { size_bytes = Number.POSITIVE_INFINITY, chunk_bytes }: Pick<TrialRecord, 'size_bytes' | 'chunk_bytes'>,
  longest: number | undefined,
  offered: number | undefined,
  outcome: TrialRecord['outcome'] | undefined,
): number {
  if (longest !== undefined && longest > 0) return longest
  // One datagram for several chunks: the transport sends the payload whole, or the trial failed after its first.
  return offered === 1 && outcome !== 'failed' ? size_bytes : Math.min(chunk_bytes, size_bytes)
}

/** Bytes of the headers of UDP and IP (RFC 768, 791, 8200). */
export function headersOf(family: TrialRecord['ip_family']): number {
  return family === 6 ? 48 : 28
}

/**
 * The system refused the header or a marker. The counts of datagrams are of the payload, and no other column has it.
 * @param refused of the payload, its column `datagrams_refused`
 */
export function isPartRefused(
  outcome: TrialRecord['outcome'] | undefined,
  refused: number | undefined,
): boolean {
  return outcome === 'refused' && !refused
}

/** What became of the header or marker before the payload; `none` where the format has none. */
export function beginningOf(record: TrialRecord): 'arrived' | 'lost' | 'none' | 'unknown' {
  if (record.beginning_arrived !== undefined) return record.beginning_arrived ? 'arrived' : 'lost'
  if (BEGINNING_LOST.includes(record.error_code ?? '')) return 'lost'
  if (record.datagram_bytes !== undefined) return 'none'
  if ((record.datagrams_offered ?? 0) > 1) return 'arrived'
  return record.datagrams_offered === 1 && (record.size_bytes ?? 0) > record.chunk_bytes ? 'none' : 'unknown'
}
