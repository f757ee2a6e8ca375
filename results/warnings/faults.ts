/** Explains a system error: its likely cause, and what to do on which host. Pure. */
import { isLoopback } from '../../base/addresses.ts'
import { remedyOf } from '../../base/system-errors.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { raiseLoopback, showFirewall, systemOf } from './remedies.ts'

/** The remedy for a trial that an error ended, or whose datagrams were refused; undefined if the code says everything. */
export function faultRemedy(record: TrialRecord): string | undefined {
  switch (record.error_code) {
    case 'EPERM':
    case 'EACCES':
      return `a firewall on the sender’s host blocks it: allow it there (${showFirewall(systemOf(record, 'sender'))})`
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      if (overLoopback(record))
        return `the loopback interface is down or has no such address: ${raiseLoopback(systemOf(record, 'sender'))}`
      return record.error_code === 'EHOSTUNREACH' && !isForeign(record)
        ? `the control connection gets through, so a firewall rejects the data, or a route is missing: ${OPEN_PORTS}, and check the routes of the sender’s host`
        : 'the sender has no route to that address: check it, and the routes of the sender’s host'
    case 'EMFILE':
    case 'ENFILE':
      return remedyOf(record.error_code)
    case 'ECONNREFUSED':
      if (isForeign(record)) return 'start the receiver there, or check the port'
      return record.direction === 'local'
        ? `the receiver was listening, so a firewall on this host rejects the data: allow it (${showFirewall(systemOf(record, 'receiver'))})`
        : `the receiver was listening, so a firewall rejects the data: ${OPEN_PORTS}`
    default:
      return undefined
  }
}

const OPEN_PORTS =
  'open the receiver’s ports in its firewall (bench serve --udp-ports 6000-6099 chooses them, for UDP and TCP)'

/** Nobody but its user starts a foreign receiver. */
function isForeign({ direction }: TrialRecord): boolean {
  return direction === 'send'
}

function overLoopback({ direction, receiver_address: to = '' }: TrialRecord): boolean {
  return direction === 'local' || isLoopback(to)
}
