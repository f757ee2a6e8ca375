/** Exchanges as a table: a line a case, with round trips. Pure. */
import { given } from '../../base/given.ts'
import type { Latencies } from '../../base/latencies.ts'
import { formatCount, formatMs, formatPercent } from '../../base/units.ts'
import { type ExchangeSummary, SHARES } from '../statistics/exchange.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { medianColumn, tableOfCases, unitColumn, withoutDetail } from './case-rows.ts'
import type { Layout } from './figures.ts'
import { column, figureCell, NONE } from './figures.ts'
import { timeCell } from './format.ts'
import type { Table, TableCell } from './model.ts'

/** Median round trip and its 95 % interval, the highest percentile that all cases have answers enough for, the longest, and what had no answer. */
export function exchangeTable(summaries: readonly CaseSummary[], layout: Layout): Table {
  const tail = tailOf(summaries)
  const ofTrips = (title: string, of: (trips: Latencies) => number) =>
    unitColumn(title, summaries, 'ms', ({ exchange }) => exchange?.rtt && of(exchange.trips))
  const measures = given(
    medianColumn('RTT p50', summaries, ({ exchange }) => exchange?.rtt, layout),
    tail && ofTrips(tail.name, trips => trips.quantile(tail.share)),
    ofTrips('max', trips => trips.maxMs),
    layout.short
      ? column('no answer', 'left', summaries, each => withoutDetail(unansweredCell(each)))
      : column('unanswered', 'left', summaries, unansweredCell),
  )
  // A request is one chunk.
  return tableOfCases(summaries, measures, layout, { leftOut: ['chunk_bytes'] })
}

/** The highest percentile that all cases have; undefined where not even the lowest is. */
function tailOf(summaries: readonly CaseSummary[]) {
  const known = summaries.flatMap(({ exchange }) => (exchange?.rtt ? [exchange.trips] : []))
  return known.length === 0 ? undefined : SHARES.findLast(({ share }) => known.every(each => each.has(share)))
}

export function rttCell({ exchange }: CaseSummary): TableCell {
  return timeCell(exchange?.rtt)
}

/** The 99th percentile of all round trips; nothing where they are too few for one. */
export function rttTailCell({ exchange }: CaseSummary): TableCell {
  const tail = exchange?.rtt && exchange.trips.has(0.99) ? exchange.trips.quantile(0.99) : undefined
  return figureCell(tail, formatMs)
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
