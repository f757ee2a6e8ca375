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
      return overLoopback(record)
        ? `the loopback interface is down or has no such address: ${raiseLoopback(systemOf(record, 'sender'))}`
        : 'the sender has no route to that address: check it, and the routes of the sender’s host'
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
