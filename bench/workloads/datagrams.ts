/** The counts of datagrams of a flow, by the law of counts. Pure. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Verify } from '../../scenarios/settings/words.ts'
import { lossCauses } from './loss-causes.ts'
import { datagramColumns } from './report-columns.ts'
import type { AlignedReports } from './workload.ts'

/** What both ends report, and what the receiver checked; everything if absent. */
export interface Ends extends AlignedReports {
  readonly verify?: Verify | undefined
  /** The protocol itself knows which datagrams are its own, and which came twice. */
  readonly reliable?: boolean
}

/** Undefined means unknown; 0 is a measurement. @throws if the counts break the law */
export function datagramMeasures(chunkBytes: number, ends: Ends): Partial<TrialRecord> {
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
    ...(came?.alike ? { datagrams_duplicated: undefined, datagrams_reordered: undefined } : {}),
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

/** Datagrams arrived unchecked: some may be damaged or duplicated. */
export function isUnseen({ verify, reliable, receiver }: Ends): boolean {
  return verify === 'none' && !reliable && (receiver?.report.datagrams?.delivered ?? 0) > 0
}
