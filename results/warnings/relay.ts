/** What the relay between both ends could not do of the way that was asked for. */
import { maximum, sumOf } from '../../base/groups.ts'
import { counted, formatMs } from '../../base/units.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { type Rule, ruleOfCases, ruleOfTrials } from './warning.ts'

/** Later than the step of a timer, and than a process that shares its CPU. */
const LATE_MS = 5

const leftOut = ruleOfCases(
  'impair-left-out',
  ({ records }) => known(records, each => each.impair_left_out)[0],
  facts => ({
    what: `${[...new Set(facts)].join('; ')} not applied, and left out of the ranking: a relay of streams cannot lose, double, damage or reorder what the sender’s system believes to have arrived`,
    remedy: 'compare transports over UDP there; TCP by delay and rate alone',
  }),
)

const late = ruleOfTrials(
  'relay-late',
  ({ relay_late_ms: lateMs = 0, relay_drops: drops = 0 }) => lateMs > LATE_MS || drops > 0,
  (trials, cases) => {
    const longest = maximum(trials.map(each => each.relay_late_ms ?? 0))
    const drops = sumOf(trials, each => each.relay_drops)
    return {
      what: `the relay could not keep up: it handed on up to ${formatMs(longest)} late${drops > 0 ? `, and its own buffers dropped ${counted(drops, 'datagram')}` : ''}, in ${counted(trials.length, 'trial')} of ${counted(trialsOf(cases), 'trial')}`,
      remedy: 'pace with --rate, or a lower rate of the way, and leave it a CPU of its own',
    }
  },
)

function trialsOf(cases: readonly CaseSummary[]): number {
  return sumOf(cases, ({ records }) => records.length)
}

export const relayRules: readonly Rule[] = [late, leftOut]
