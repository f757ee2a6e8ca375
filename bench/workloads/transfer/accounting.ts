/** Derives outcome and measures of a trial from both ends' reports, by the law of counts. Pure. */

import { unreachable } from '../../../base/errors.ts'
import { harmless } from '../../../base/foreign-text.ts'
import { isForbidden } from '../../../base/system-errors.ts'
import { formatBytes } from '../../../base/units.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Outcome } from '../../../results/schema/outcome.ts'
import type { Verify } from '../../../scenarios/settings/words.ts'
import type { Failure } from '../../../transports/contract/reports.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import type { AlignedReports } from '../workload.ts'
import { lossCauses } from './loss-causes.ts'
import { datagramColumns, sentColumns } from './report-columns.ts'

/** What both ends report, and what the receiver checked; everything if absent. */
export interface Ends extends AlignedReports {
  readonly verify?: Verify | undefined
}

type Measures = Partial<TrialRecord>

export function outcomeOf(sizeBytes: number, traits: Traits, ends: Ends): Outcome {
  const { sender, receiver, foreign } = ends
  const problem = ends.problem ?? failureOf(sender?.report.failure, receiver?.report.failure)
  if (problem?.code === 'TIMEOUT')
    return { kind: 'timed-out', phase: problem.phase, message: problem.message }
  if (problem) return { kind: 'failed', ...problem }
  const refusal = sender?.report.refusal
  if (refusal) {
    const phase = sender.report.datagramsOffered === 0 ? 'handshake' : 'transfer'
    return { kind: 'refused', phase, ...refusal }
  }
  if (foreign) return foreignOutcome(sizeBytes, traits, sender)
  if (isUnseen(ends)) return { kind: 'incomplete', note: findLostPart(traits, ends, true) ?? 'UNVERIFIED' }
  if (traits.reliable && receiver?.report.complete && receiver.report.intact === false) {
    return {
      kind: 'failed',
      phase: 'transfer',
      code: 'DAMAGED',
      message: 'the bytes that arrived are not those sent',
    }
  }
  const whole =
    traits.socket === 'stream' ? receiver?.report.bytesDelivered === sizeBytes : everyDatagram(ends)
  const note = findLostPart(traits, ends, whole)
  return { kind: whole ? 'completed' : 'incomplete', ...(note === undefined ? {} : { note }) }
}

/** The columns derived from the outcome. */
export function outcomeColumns(outcome: Outcome): Measures & Pick<TrialRecord, 'outcome'> {
  switch (outcome.kind) {
    case 'completed':
    case 'incomplete':
      return { outcome: outcome.kind, error_code: outcome.note }
    case 'refused':
      return {
        outcome: 'refused',
        error_code: outcome.code,
        error_phase: outcome.phase,
        refused_datagram_bytes: outcome.datagramBytes,
        error_message: `${refuserOf(outcome)} refused a datagram of ${formatBytes(outcome.datagramBytes)}`,
      }
    case 'timed-out':
      return {
        outcome: 'timed-out',
        error_code: 'TIMEOUT',
        error_phase: outcome.phase,
        error_message: harmless(outcome.message),
      }
    case 'failed':
      return {
        outcome: 'failed',
        error_code: outcome.code,
        error_phase: outcome.phase,
        error_message: harmless(outcome.message),
      }
    default:
      return unreachable(outcome)
  }
}

function refuserOf({ emulated, code }: Extract<Outcome, { kind: 'refused' }>): string {
  if (emulated) return 'the emulated limit'
  return isForbidden(code) ? 'a firewall of the sender’s host' : 'the system'
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
    receiver_cpu_ms: ends.receiver?.cpuMs,
  }
}

function datagramMeasures(chunkBytes: number, ends: Ends): Measures {
  const send = ends.sender?.report
  const receive = ends.receiver?.report
  const accepted = send?.datagramsAccepted
  const came = receive?.datagrams
  // Unchecked datagrams are only known to have arrived.
  const unseen = isUnseen(ends)
  const delivered = unseen ? undefined : came?.delivered
  const lost = accepted === undefined || delivered === undefined ? undefined : accepted - delivered
  if (lost !== undefined && lost < 0) {
    throw new Error(`the law of counts is broken: ${delivered} datagrams delivered of ${accepted} accepted`)
  }
  const offered = send?.datagramsOffered ?? 0
  const transferMs = send?.transferMs ?? 0
  return {
    ...datagramColumns(ends.sender, ends.receiver, unseen),
    datagrams_lost: lost,
    beginning_arrived: receive?.begun,
    datagrams_arrived: came && came.delivered + came.duplicated + came.corrupt,
    loss_ratio: accepted ? (lost === undefined ? undefined : lost / accepted) : undefined,
    ...lossCauses(lost, ends),
    // n datagrams span n - 1 intervals.
    rate_achieved_bps:
      offered > 1 && transferMs > 0 ? ((offered - 1) * chunkBytes * 8000) / transferMs : undefined,
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
  const { connectMs, handshakeMs } = sender?.report ?? {}
  if (deliveryMs === undefined || connectMs === undefined || handshakeMs === undefined) return undefined
  const leftMs = deliveryMs - connectMs - handshakeMs
  return leftMs > 0 ? leftMs : undefined
}

function isFull({ verify = 'full' }: Ends): boolean {
  return verify === 'full'
}

/** Datagrams arrived unchecked: some may be damaged or duplicated. */
function isUnseen({ verify, receiver }: Ends): boolean {
  return verify === 'none' && (receiver?.report.datagrams?.delivered ?? 0) > 0
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

/** Prefers the end that says what went wrong to the one that only saw the other close. */
function failureOf(sender: Failure | undefined, receiver: Failure | undefined): Failure | undefined {
  return receiver && receiver.code !== 'CLOSED' ? receiver : (sender ?? receiver)
}
