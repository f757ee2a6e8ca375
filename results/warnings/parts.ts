/** Warnings about parts of a protocol that did not arrive, and about datagrams that arrived too late. */
import { sumOf } from '../../base/groups.ts'
import { counted } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { isLostOnTheWay } from './path.ts'
import { LET_BACK } from './remedies.ts'
import { type Rule, ruleOfCases, ruleOfTrials } from './warning.ts'

const PARTS: Readonly<Record<string, string>> = {
  BEGIN_LOST: 'begin marker',
  END_LOST: 'end marker',
  HEADER_LOST: 'length header',
  ACK_LOST: 'acknowledgement',
}

/** True if a part other than payload was lost: without it a receiver may not have a whole file even if all payload arrived. */
export function isPartLost({ error_code: code }: TrialRecord): boolean {
  return code !== undefined && code in PARTS
}

const protocolPartLost = ruleOfCases(
  'protocol-part-lost',
  (each, run) => !isLostOnTheWay(each, run) && each.records.some(isPartLost),
  (_, cases) => {
    const trials = cases.flatMap(each => each.records.filter(isPartLost))
    const parts = [...new Set(known(trials, each => PARTS[each.error_code ?? '']))].join(' or ')
    const dataLost = trials.some(each => each.datagrams_lost !== 0)
    if (!dataLost && cases.every(isUnheard))
      return {
        what: `no acknowledgement came back in any of ${counted(trials.length, 'trial')}, and none of the payload was lost`,
        remedy: `${LET_BACK}, or send over TCP`,
      }
    return {
      what: `the ${parts} was lost in ${counted(trials.length, 'trial')}${dataLost ? '' : ', and none of the payload'}`,
      remedy: dataLost
        ? 'the format sends it once: what prevents loss of data prevents this too'
        : 'the format sends it once; TCP retransmits what is lost',
    }
  },
)

/** Between hosts, each time: not by chance. */
function isUnheard({ cell, records }: CaseSummary): boolean {
  const lost = records.filter(each => each.error_code === 'ACK_LOST')
  return cell.direction !== 'local' && lost.length > 1 && lost.length === records.length
}

const lateDatagrams = ruleOfTrials(
  'late-datagrams',
  ({ datagrams_late: late = 0 }) => late > 0,
  trials => ({
    what: `${counted(
      sumOf(trials, each => each.datagrams_late),
      'datagram',
    )} arrived after the drain had ended and count as lost`,
    remedy: 'a longer --drain, as 1s',
  }),
)

export const partRules: readonly Rule[] = [protocolPartLost, lateDatagrams]
