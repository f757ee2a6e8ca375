/** Warnings about what was not answered: requests, and an acknowledgement that may have reached a port on which nothing listens. */
import { given } from '../../base/given.ts'
import { sumOf } from '../../base/groups.ts'
import { counted, formatCount, formatPercent } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isOfDatagrams } from '../schema/datagrams.ts'
import { type RequestCounts, requestCounts } from '../statistics/exchange.ts'
import { isLostOnTheWay } from './path.ts'
import { LET_BACK, SEE_WHAT_DROPS } from './remedies.ts'
import { ruleOfCases, ruleOfTrials } from './warning.ts'

/** A connected socket receives only from the address that it is connected to. */
export const answerElsewhere = ruleOfTrials(
  'answer-elsewhere',
  record => isUnanswered(record) && (record.host_no_ports ?? 0) > 0,
  trials => {
    const count = sumOf(trials, each => each.host_no_ports)
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

/** Requests that were sent and got no answer in time: how many, and as far as that is known, why. */
export const requestsUnanswered = ruleOfCases(
  'unanswered',
  (each, run) => {
    if (isLostOnTheWay(each, run)) return undefined
    // A trial that broke off has a warning of its own.
    const ended = each.records.filter(({ outcome }) => outcome === 'completed' || outcome === 'incomplete')
    const counts = requestCounts(ended)
    return counts.answered === counts.requests ? undefined : counts
  },
  (facts, cases) => {
    const sum = (key: keyof RequestCounts) => sumOf(facts, each => each[key])
    const [there, back, late] = [sum('lostThere'), sum('lostBack'), sum('late')]
    const requests = sum('requests')
    const missing = requests - sum('answered')
    const rest = Math.max(0, missing - there - back - late)
    const parts = given(
      there > 0 && `${formatCount(there)} lost on the way there`,
      back > 0 && `${formatCount(back)} lost on the way back`,
      late > 0 && `${formatCount(late)} answered too late`,
      rest > 0 && `${formatCount(rest)} for unknown reasons`,
    )
    // Where nothing is answered at any pace, a slower one changes nothing.
    const slower =
      missing < requests && cases.some(each => each.cell.interval_ms !== undefined) && 'a longer --interval'
    return {
      what: `${formatPercent(missing / requests)} of ${counted(requests, 'request')} had no answer in time: ${parts.join(', ')}`,
      remedy: given(
        slower,
        back === requests
          ? LET_BACK
          : there > 0 || back > 0
            ? SEE_WHAT_DROPS
            : late === missing
              ? 'see what keeps the other end or the link busy'
              : 'check that the other end answers all of them',
      ).join(', or '),
    }
  },
)
