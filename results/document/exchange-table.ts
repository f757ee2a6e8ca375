/** Exchanges as a table: a line a case, with round trips. Pure. */
import { formatCount, formatMs, formatPercent } from '../../base/units.ts'
import { describeCell, fieldValue, shortenAll, tellingFields, titleOfField } from '../schema/cells.ts'
import { type ExchangeSummary, SHARES } from '../statistics/exchange.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { type Column, figureCell, NONE, tableOfColumns } from './figures.ts'
import { type Ends, endsOf, prefixOf, titleOfEnds, usualEnds } from './format.ts'
import type { RowWords, Table, TableCell } from './model.ts'
import { outcomesCell, outcomesOf } from './outcomes.ts'

export interface ExchangeLayout {
  readonly short?: boolean
  /** The interval stands below the median. */
  readonly stacked?: boolean
  readonly gap?: number
}

/** Median round trip and its 95 % interval, the highest percentile that all cases have answers enough for, the longest, and what had no answer. */
export function exchangeTable(
  summaries: readonly CaseSummary[],
  { short, stacked, gap = 2 }: ExchangeLayout,
): Table {
  // A request is one chunk.
  const fields = tellingFields(summaries.map(each => each.cell)).filter(
    field => field !== 'transport' && field !== 'chunk_bytes',
  )
  const tail = tailOf(summaries)
  const usual = usualEnds(summaries.map(({ exchange }) => exchange?.rtt && endsOf(exchange.rtt)?.name))
  const columns: readonly Column[] = [
    { title: 'transport', align: 'left', cells: summaries.map(each => ({ text: each.cell.transport })) },
    ...fields.map((field): Column => {
      const values = shortenAll(summaries.map(each => fieldValue(each.cell, field)))
      return { title: titleOfField(field), align: 'right', cells: values.map(text => ({ text })) }
    }),
    {
      title: titleOfEnds('RTT p50', usual, stacked ? '\n' : ' ', short),
      align: 'right',
      cells: summaries.map(each => (stacked ? stackedRtt(each, usual) : rttCell(each, usual))),
    },
    ...(tail
      ? [
          {
            title: tail.name,
            align: 'right',
            cells: summaries.map(each => tailCell(each, tail.share)),
          } as const,
        ]
      : []),
    { title: 'max', align: 'right', cells: summaries.map(longestCell) },
    {
      title: short ? 'no answer' : 'unanswered',
      align: 'left',
      cells: summaries.map(unansweredCell).map(cell => (short ? { ...cell, detail: undefined } : cell)),
    },
    { title: 'outcomes', align: 'left', cells: summaries.map(each => outcomesCell(each, short)) },
  ]
  return { ...tableOfColumns('', columns), gap, inWords: inWords(summaries) }
}

/** The highest percentile that all cases have; undefined where not even the lowest is. */
function tailOf(summaries: readonly CaseSummary[]) {
  const known = summaries.flatMap(({ exchange }) => (exchange?.rtt ? [exchange.trips] : []))
  return known.length === 0 ? undefined : SHARES.findLast(({ share }) => known.every(each => each.has(share)))
}

/** `27.6 µs`, and beside it `27.1 µs – 28.0 µs`. @param usual what the ends are unless they say it */
export function rttCell({ exchange }: CaseSummary, usual: Ends['name'] | undefined = '95 %'): TableCell {
  if (!exchange?.rtt) return NONE
  const { medianMs } = exchange.rtt
  const ends = endsOf(exchange.rtt)
  return {
    text: formatMs(medianMs),
    detail: ends && `${prefixOf(ends.name, usual)}${formatMs(ends.low)} – ${formatMs(ends.high)}`,
    value: medianMs,
  }
}

function stackedRtt(summary: CaseSummary, usual: Ends['name'] | undefined): TableCell {
  const { text, detail, value } = rttCell(summary, usual)
  return { text: detail === undefined ? text : `${text}\n(${detail})`, value }
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
  const parts = [
    lostThere > 0 && `${formatCount(lostThere)} lost there`,
    lostBack > 0 && `${formatCount(lostBack)} lost back`,
    late > 0 && `${formatCount(late)} late`,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : undefined
}

function inWords(summaries: readonly CaseSummary[]): readonly RowWords[] {
  const fields = tellingFields(summaries.map(each => each.cell))
  return summaries.map(summary => {
    const { text, detail } = rttCell(summary)
    const name = summary.exchange?.rtt && endsOf(summary.exchange.rtt)?.name
    const figures = [
      `round trip ${text}${detail ? ` (${name === '95 %' ? '95 %: ' : ''}${detail})` : ''}`,
      `longest ${longestCell(summary).text}`,
      `unanswered ${unansweredCell(summary).text}`,
    ]
    return {
      name: `${describeCell(summary.cell, fields)}: ${outcomesOf(summary).join(', ')}`,
      lines: [{ figures }],
    }
  })
}
