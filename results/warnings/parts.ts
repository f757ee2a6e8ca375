/** Warnings about parts of a protocol that did not arrive, and about datagrams that arrived too late. */
import { counted } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { lostOnTheWay } from './path.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

export const partRules: readonly Rule[] = [protocolPartLost, lateDatagrams]

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

function protocolPartLost(summaries: readonly CaseSummary[]): Warning | undefined {
  const explained = lostOnTheWay(summaries)
  const cases = summaries.filter(each => !explained.has(each) && each.records.some(isPartLost))
  if (cases.length === 0) return undefined
  const trials = cases.flatMap(each => each.records.filter(isPartLost))
  const parts = [...new Set(known(trials, each => PARTS[each.error_code ?? '']))].join(' or ')
  const dataLost = trials.some(each => each.datagrams_lost !== 0)
  return {
    code: 'protocol-part-lost',
    message: `${nameCases(cases, summaries)}: the ${parts} was lost in ${counted(trials.length, 'trial')}${dataLost ? '' : ', and none of the payload'}`,
    remedy: dataLost
      ? 'the format sends it once: what prevents loss of data prevents this too'
      : 'the format sends it once; TCP retransmits what is lost',
    cells: cellsOf(cases),
  }
}

function lateDatagrams(summaries: readonly CaseSummary[]): Warning | undefined {
  const late = (each: CaseSummary) =>
    known(each.records, record => record.datagrams_late).reduce((total, count) => total + count, 0)
  const cases = summaries.filter(each => late(each) > 0)
  if (cases.length === 0) return undefined
  const count = cases.reduce((total, each) => total + late(each), 0)
  return {
    code: 'late-datagrams',
    message: `${nameCases(cases, summaries)}: ${counted(count, 'datagram')} arrived after the drain had ended and count as lost`,
    remedy: 'a longer --drain, as 1s',
    cells: cellsOf(cases),
  }
}
