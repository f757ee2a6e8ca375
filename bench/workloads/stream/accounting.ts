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
export function streamColumns({ chunkBytes }: Case, traits: Traits, outcome: Outcome, ends: Ends): Measures {
  const measures = measuresOf(chunkBytes, traits, outcome, ends)
  const { counted, datagrams } = ends.receiver?.report ?? {}
  const { goodput_bps } = measures
  return {
    ...measures,
    goodput_bps: goodput_bps !== undefined && counted ? (counted.bytes * 8000) / counted.ms : goodput_bps,
    // The size of the payload is what was sent of it.
    payload_intact:
      datagrams && measures.payload_intact !== undefined
        ? outcome.kind === 'completed' && datagrams.duplicated + datagrams.reordered + datagrams.corrupt === 0
        : measures.payload_intact,
    ...tcpFigures(measures, ends),
  }
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
