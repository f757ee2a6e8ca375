/** Outcome and measures of a stream, from both ends' reports. Pure. */
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Outcome } from '../../../results/schema/outcome.ts'
import type { Case } from '../../../scenarios/plan.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import type { Ends } from '../datagrams.ts'
import { measuresOf, outcomeOf } from '../transfer/accounting.ts'

type Measures = Partial<TrialRecord>

/** A stream is as long as what the sender's system accepted. */
export function streamOutcome(traits: Traits, ends: Ends): Outcome {
  return outcomeOf(ends.sender?.report.bytesAccepted ?? 0, traits, ends)
}

/** Undefined means unknown; 0 is a measurement. */
export function streamColumns(each: Case, traits: Traits, outcome: Outcome, ends: Ends): Measures {
  const measures = measuresOf(each.chunkBytes, traits, outcome, ends)
  const { datagrams } = ends.receiver?.report ?? {}
  return {
    ...measures,
    goodput_bps: goodputOf(measures, each, ends),
    // The size of the payload is what was sent of it.
    payload_intact:
      datagrams && measures.payload_intact !== undefined
        ? outcome.kind === 'completed' && datagrams.duplicated + datagrams.reordered + datagrams.corrupt === 0
        : measures.payload_intact,
    ...tcpFigures(measures, ends),
  }
}

/** Of what arrived within the duration: streams of a trial have the same time, and one whose path died no less. */
function goodputOf(
  { goodput_bps }: Measures,
  { omitMs }: Case,
  { sender, receiver }: Ends,
): number | undefined {
  // Nothing arrived, or it is unknown.
  if (!goodput_bps) return goodput_bps
  const { firstAt = 0, counted } = receiver?.report ?? {}
  const beforeMs = omitMs === undefined ? firstAt - (sender?.report.startedAt ?? 0) : 0
  const ms = beforeMs + (counted?.ms ?? 0)
  return counted && ms > 0 ? (counted.bytes * 8000) / ms : undefined
}

/** The three figures of RFC 6349, from TCP_INFO. */
function tcpFigures({ delivery_ms, bytes_delivered }: Measures, { sender }: Ends): Measures {
  const { polled, info, bytesAccepted = 0 } = sender?.report ?? {}
  const { retransmits, mssBytes, minRttMs } = info ?? {}
  const again = retransmits !== undefined && mssBytes !== undefined ? retransmits * mssBytes : undefined
  const idealMs =
    polled && polled.deliveryRateBps > 0 && bytes_delivered !== undefined
      ? (bytes_delivered * 8000) / polled.deliveryRateBps
      : undefined
  return {
    tcp_efficiency:
      again === undefined || bytesAccepted === 0 ? undefined : bytesAccepted / (bytesAccepted + again),
    tcp_buffer_delay_ratio: polled && minRttMs ? Math.max(0, polled.rttMs - minRttMs) / minRttMs : undefined,
    tcp_transfer_time_ratio: idealMs && delivery_ms ? delivery_ms / idealMs : undefined,
  }
}
