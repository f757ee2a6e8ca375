/** Exchanges as a table: a line a case, with round trips. Pure. */
import { given } from '../../base/given.ts'
import { formatCount, formatMs, formatPercent } from '../../base/units.ts'
import { type ExchangeSummary, SHARES } from '../statistics/exchange.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { casesInWords, type Layout, nameColumns, stackedCell, withoutDetail } from './case-rows.ts'
import { type Column, column, figureCell, NONE, tableOfColumns } from './figures.ts'
import { type Ends, endsOf, timeCell, titleOfEnds, usualEnds } from './format.ts'
import type { RowWords, Table, TableCell } from './model.ts'
import { outcomesCell } from './outcomes.ts'

/** Median round trip and its 95 % interval, the highest percentile that all cases have answers enough for, the longest, and what had no answer. */
export function exchangeTable(summaries: readonly CaseSummary[], { short, stacked, gap = 2 }: Layout): Table {
  const tail = tailOf(summaries)
  const usual = usualEnds(summaries.map(({ exchange }) => exchange?.rtt && endsOf(exchange.rtt)?.name))
  const columns: readonly Column[] = [
    // A request is one chunk.
    ...nameColumns(summaries, ['chunk_bytes']),
    column(titleOfEnds('RTT p50', usual, stacked ? '\n' : ' ', short), 'right', summaries, each => {
      const cell = rttCell(each, usual)
      return stacked ? stackedCell(cell) : cell
    }),
    ...given(tail && column(tail.name, 'right', summaries, each => tailCell(each, tail.share))),
    column('max', 'right', summaries, longestCell),
    short
      ? column('no answer', 'left', summaries, each => withoutDetail(unansweredCell(each)))
      : column('unanswered', 'left', summaries, unansweredCell),
    column('outcomes', 'left', summaries, each => outcomesCell(each, short)),
  ]
  return { ...tableOfColumns('', columns), gap, inWords: inWords(summaries) }
}

/** The highest percentile that all cases have; undefined where not even the lowest is. */
function tailOf(summaries: readonly CaseSummary[]) {
  const known = summaries.flatMap(({ exchange }) => (exchange?.rtt ? [exchange.trips] : []))
  return known.length === 0 ? undefined : SHARES.findLast(({ share }) => known.every(each => each.has(share)))
}

export function rttCell({ exchange }: CaseSummary, usual?: Ends['name']): TableCell {
  return timeCell(exchange?.rtt, usual)
}

function tailCell({ exchange }: CaseSummary, share: number): TableCell {
  return exchange?.rtt ? figureCell(exchange.trips.quantile(share), formatMs) : NONE
}

function longestCell({ exchange }: CaseSummary): TableCell {
  return exchange?.rtt ? figureCell(exchange.trips.maxMs, formatMs) : NONE
}

/** `1.2 %`, and beside it where they were lost. */
export function unansweredCell({ exchange }: CaseSummary): TableCell {
  if (!exchange || exchange.requests === 0) return NONE
  const share = 1 - exchange.answered / exchange.requests
  return {
    ...figureCell(share, formatPercent),
    detail: whereLost(exchange),
    tone: share > 0 ? 'caution' : undefined,
  }
}

function whereLost({ lostThere, lostBack, late }: ExchangeSummary): string | undefined {
  const parts = given(
    lostThere > 0 && `${formatCount(lostThere)} lost there`,
    lostBack > 0 && `${formatCount(lostBack)} lost back`,
    late > 0 && `${formatCount(late)} late`,
  )
  return parts.length > 0 ? parts.join(', ') : undefined
}

function inWords(summaries: readonly CaseSummary[]): readonly RowWords[] {
  return casesInWords(summaries, summary => {
    const { text, detail } = rttCell(summary)
    const name = summary.exchange?.rtt && endsOf(summary.exchange.rtt)?.name
    return [
      `round trip ${text}${detail ? ` (${name === '95 %' ? '95 %: ' : ''}${detail})` : ''}`,
      `longest ${longestCell(summary).text}`,
      `unanswered ${unansweredCell(summary).text}`,
    ]
  })
}
