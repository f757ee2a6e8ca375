/** What an error of the system means for whoever measures: its cause, and what to do at which host. Pure. */
import { isLoopback } from '../../base/addresses.ts'
import { remedyOf } from '../../base/system-errors.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { raiseLoopback, showFirewall, systemOf } from './remedies.ts'

/** Of a trial that an error ended, or whose datagrams one refused; undefined where its code says all there is. */
export function faultRemedy(record: TrialRecord): string | undefined {
  switch (record.error_code) {
    case 'EPERM':
    case 'EACCES':
      return `a firewall of the sender’s host forbids it: let it out there (${showFirewall(systemOf(record, 'sender'))})`
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return overLoopback(record)
        ? `the loopback interface is down or has no such address: ${raiseLoopback(systemOf(record, 'sender'))}`
        : 'there is no way from the sender to that address: check it, and the routes of the sender’s host'
    case 'EMFILE':
    case 'ENFILE':
      return remedyOf(record.error_code)
    case 'ECONNREFUSED':
      return 'start the receiver there, or check the port'
    default:
      return undefined
  }
}

function overLoopback({ direction, receiver_address: to = '' }: TrialRecord): boolean {
  return direction === 'local' || isLoopback(to)
}
