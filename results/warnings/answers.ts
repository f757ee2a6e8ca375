/** A warning about an acknowledgement that may have reached a port of the sender's host on which nothing listens. */
import { counted } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isOfDatagrams } from '../schema/datagrams.ts'
import { ruleOfTrials } from './warning.ts'

/** A connected socket receives only from the address that it is connected to. */
export const answerElsewhere = ruleOfTrials(
  'answer-elsewhere',
  record => isUnanswered(record) && (record.host_no_ports ?? 0) > 0,
  trials => {
    const count = trials.reduce((total, each) => total + (each.host_no_ports ?? 0), 0)
    return {
      what: `no acknowledgement arrived, and ${counted(count, 'UDP datagram')} arrived at ports of the sender’s host on which nothing listens; an answer from another address of the peer would be among them`,
      remedy:
        'make the peer answer from the address that it receives on (bind it there), or send to the address that it answers from',
    }
  },
)

/** All of it was sent as datagrams, and the time for the acknowledgement passed. */
export function isUnanswered(record: TrialRecord): boolean {
  return record.outcome === 'timed-out' && record.error_phase === 'ack' && isOfDatagrams(record)
}
