/** Derives outcome and measures of a trial from both ends' reports, by the law of counts. Pure. */

import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Outcome } from '../../../results/schema/outcome.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import { datagramMeasures, type Ends, isUnseen } from '../datagrams.ts'
import { DAMAGED, troubleOf } from '../outcomes.ts'
import { sentColumns } from '../report-columns.ts'
import type { AlignedReports } from '../workload.ts'

type Measures = Partial<TrialRecord>

export function outcomeOf(sizeBytes: number, traits: Traits, ends: Ends): Outcome {
  const { sender, receiver, foreign } = ends
  const trouble = troubleOf(ends)
  if (trouble) return trouble
  if (foreign) return foreignOutcome(sizeBytes, traits, sender)
  if (isUnseen(ends)) return { kind: 'incomplete', note: findLostPart(traits, ends, true) ?? 'UNVERIFIED' }
  if (traits.reliable && receiver?.report.complete && receiver.report.intact === false) return DAMAGED
  // A datagram of a reliable protocol may be lost, or one too many: its chunk is sent again.
  const whole = traits.reliable ? receiver?.report.bytesDelivered === sizeBytes : everyDatagram(ends)
  const note = findLostPart(traits, ends, whole)
  return { kind: whole ? 'completed' : 'incomplete', ...(note === undefined ? {} : { note }) }
}

/** Counts, times and rates. Undefined means unknown; 0 is a measurement. */
export function measuresOf(chunkBytes: number, traits: Traits, outcome: Outcome, ends: Ends): Measures {
  const receive = ends.receiver?.report
  return {
    ...(traits.socket === 'datagram' ? datagramMeasures(chunkBytes, ends) : {}),
    ...deliveryMeasures(outcome, ends),
    ...sentColumns(ends.sender),
    bytes_delivered: isUnseen(ends) ? undefined : receive?.bytesDelivered,
    payload_intact:
      receive && isFull(ends) ? (receive.intact ?? (receive.complete ? undefined : false)) : undefined,
    picture: receive?.picture,
    receiver_cpu_ms: ends.receiver?.cpuMs,
  }
}

function deliveryMeasures(outcome: Outcome, ends: Ends): Measures {
  const receive = ends.receiver?.report
  const startedAt = ends.sender?.report.startedAt
  const measured = outcome.kind === 'completed' || outcome.kind === 'incomplete'
  if (!receive || startedAt === undefined || !measured) return {}
  const { firstAt, lastAt, bytesDelivered } = receive
  if (firstAt === undefined || lastAt === undefined) return { goodput_bps: 0 }
  // Only zero or negative if the clock error exceeds the delivery time, which is then unknown.
  const deliveryMs = lastAt > startedAt ? lastAt - startedAt : undefined
  return {
    goodput_bps:
      deliveryMs === undefined || isUnseen(ends) ? undefined : (bytesDelivered * 8000) / deliveryMs,
    delivery_ms: deliveryMs,
    payload_delivery_ms: payloadDeliveryMs(deliveryMs, ends),
    receive_ms: lastAt - firstAt,
    clock_error_ms: ends.clockErrorMs,
  }
}

/** Subtracts the phases before the payload; undefined if the protocol has none, or the clock error exceeds the result. */
function payloadDeliveryMs(deliveryMs: number | undefined, { sender }: Ends): number | undefined {
  const { connectMs, tlsMs = 0, handshakeMs } = sender?.report ?? {}
  if (deliveryMs === undefined || connectMs === undefined || handshakeMs === undefined) return undefined
  const leftMs = deliveryMs - connectMs - tlsMs - handshakeMs
  return leftMs > 0 ? leftMs : undefined
}

function isFull({ verify = 'full' }: Ends): boolean {
  return verify === 'full'
}

/** A foreign receiver does not report: go by its acknowledgement or, without one, by what the system accepted. */
function foreignOutcome(sizeBytes: number, traits: Traits, sender: AlignedReports['sender']): Outcome {
  const taken = sender?.report.bytesAccepted === sizeBytes
  const confirmed = !traits.acknowledged || sender?.report.acknowledged === true
  return { kind: taken && confirmed ? 'completed' : 'incomplete' }
}

function everyDatagram({ sender, receiver }: Ends): boolean {
  const begun = receiver?.report.missing === undefined || receiver.report.missing === 'end'
  return begun && receiver?.report.datagrams?.delivered === sender?.report.datagramsOffered
}

/** The part of the protocol that was lost, if the counts do not show it. */
function findLostPart(traits: Traits, { sender, receiver }: Ends, whole: boolean): string | undefined {
  const missing = receiver?.report.missing
  if (missing) return `${missing.toUpperCase()}_LOST`
  return whole && traits.acknowledged && !sender?.report.acknowledged ? 'ACK_LOST' : undefined
}
