/** Checks what other hosts and plug-ins report, as far as possible. Pure. */

import { counted, formatBytes, formatCount } from '../../base/units.ts'
import type { Case } from '../../scenarios/plan.ts'
import type { Reports } from '../workloads/workload.ts'

type Asked = Pick<Case, 'sizeBytes' | 'verify' | 'messages' | 'durationMs' | 'frames'>

/** Returns the reports, or replaces them with a problem if they are impossible, so that the row shows an error rather than a figure. */
export function believed(reports: Reports, asked: Asked, withinHost: boolean): Reports {
  const impossible = findImpossible(reports, asked) ?? (withinHost ? findBackwards(reports) : undefined)
  if (impossible === undefined) return reports
  const message = `${withinHost ? 'the transport' : 'another host'} reports what cannot be: ${impossible}`
  return { foreign: reports.foreign, problem: { phase: 'drain', code: 'BAD_REPORT', message } }
}

function findImpossible({ sender, receiver }: Reports, asked: Asked): string | undefined {
  const { verify, messages, durationMs, frames = 1 } = asked
  // Any number of requests, of about that size.
  const sizeBytes =
    (messages ?? durationMs) === undefined ? asked.sizeBytes * frames : Number.POSITIVE_INFINITY
  const send = sender?.report
  const receive = receiver?.report
  if (send && send.bytesAccepted > sizeBytes)
    return `${formatBytes(send.bytesAccepted)} sent of ${formatBytes(sizeBytes)}`
  if (!receive) return undefined
  const { bytesDelivered, firstAt, lastAt, datagrams } = receive
  // Unchecked datagrams may include duplicates.
  const looked = !datagrams || verify !== 'none'
  if (looked && bytesDelivered > sizeBytes)
    return `${formatBytes(bytesDelivered)} received of ${formatBytes(sizeBytes)}`
  if (firstAt !== undefined && lastAt !== undefined && firstAt > lastAt)
    return 'the last byte came before the first one'
  const accepted = send?.datagramsAccepted
  if (looked && datagrams && accepted !== undefined && datagrams.delivered > accepted)
    return `${counted(datagrams.delivered, 'datagram')} received of ${formatCount(accepted)} sent`
  return undefined
}

/** Clocks are read in fractions of a millisecond. */
const TOLERANCE_MS = 1

/** Both ends of a host read one clock. */
function findBackwards({ sender, receiver }: Reports): string | undefined {
  const [startedAt, firstAt] = [sender?.report.startedAt, receiver?.report.firstAt]
  return startedAt !== undefined && firstAt !== undefined && firstAt < startedAt - TOLERANCE_MS
    ? 'data arrived before any were sent, so one end reads another clock'
    : undefined
}
