/** What another host reports is believed as far as it can be. Pure. */
import type { Reports } from './accounting.ts'

/** The reports, or in their place the problem that they tell what cannot be: a row says so, rather than a figure. */
export function believed(reports: Reports, sizeBytes: number): Reports {
  const impossible = whatCannotBe(reports, sizeBytes)
  if (impossible === undefined) return reports
  const message = `another host reports what cannot be: ${impossible}`
  return { foreign: reports.foreign, problem: { phase: 'drain', code: 'BAD_REPORT', message } }
}

function whatCannotBe({ sender, receiver }: Reports, sizeBytes: number): string | undefined {
  const send = sender?.report
  const receive = receiver?.report
  if (send && send.bytesAccepted > sizeBytes) return `${send.bytesAccepted} bytes sent of ${sizeBytes}`
  if (!receive) return undefined
  const { bytesDelivered, firstAt, lastAt, datagrams } = receive
  if (bytesDelivered > sizeBytes) return `${bytesDelivered} bytes received of ${sizeBytes}`
  if (firstAt !== undefined && lastAt !== undefined && firstAt > lastAt)
    return 'the last byte came before the first one'
  const accepted = send?.datagramsAccepted
  if (datagrams && accepted !== undefined && datagrams.delivered > accepted)
    return `${datagrams.delivered} datagrams received of ${accepted} sent`
  return undefined
}
