/** The results as blocks: a line a case. Pure: summaries in, text out. */
import { given } from '../../base/given.ts'
import { formatMs, formatPercent } from '../../base/units.ts'
import { anyRefused, type CaseSummary, mainCause, refusedShare } from '../statistics/summary.ts'
import { casesInWords, type Layout, nameColumns, stackedCell, withoutDetail } from './case-rows.ts'
import { exchangeTable } from './exchange-table.ts'
import { type Column, column, figureCell, NONE, tableOfColumns } from './figures.ts'
import { type Ends, endsOf, formatEstimate, prefixOf, titleOfEnds, usualEnds } from './format.ts'
import { framesTable, ratesThatHold } from './frames-table.ts'
import { describeRun, describeSettings } from './heading.ts'
import type { Block, RenderOptions, RowWords, Table, TableCell } from './model.ts'
import { outcomesCell } from './outcomes.ts'
import { receiversTable } from './receivers-table.ts'
import { responsivenessTable } from './responsiveness-table.ts'
import { renderBlocks } from './terminal.ts'
import { cellText } from './text.ts'

/** A heading with everything that all cases have in common, then the table. */
export function renderTable(summaries: readonly CaseSummary[], options: RenderOptions): string {
  if (summaries.length === 0) return 'No trial was recorded.\n'
  const films = summaries.filter(isFilm)
  const others = summaries.filter(each => !isFilm(each))
  const transfers = others.filter(each => !isExchange(each) && !isResponsiveness(each))
  const exchanges = others.filter(isExchange)
  return renderBlocks(
    [
      { kind: 'heading', text: [describeRun(summaries)], common: describeSettings(summaries) },
      ...tableBlock(transfers, transfersTable, { cause: true }),
      ...tableBlock(
        summaries.filter(each => each.cell.receivers),
        receiversTable,
        {},
      ),
      ...tableBlock(films, framesTable, {}),
      ...ratesThatHold(films),
      ...tableBlock(exchanges, exchangeTable, {}),
      ...tableBlock(others.filter(isResponsiveness), responsivenessTable, {}),
    ],
    options,
  )
}

/** Pictures in a row. */
function isFilm({ cell }: CaseSummary): boolean {
  return cell.frames_asked !== undefined
}

/** Round trips per minute; where no trial has any, its outcomes say why, beside its goodput. */
function isResponsiveness({ records }: CaseSummary): boolean {
  return records.some(({ rpm }) => rpm !== undefined)
}

/** None of its trials has to have come so far that it says so itself. */
function isExchange({ cell, exchange }: CaseSummary): boolean {
  return (
    exchange !== undefined ||
    cell.requests_asked !== undefined ||
    (cell.duration_asked_ms !== undefined && cell.size_bytes !== undefined)
  )
}

function tableBlock(
  summaries: readonly CaseSummary[],
  tableOf: (summaries: readonly CaseSummary[], layout: Layout) => Table,
  widest: Layout,
): readonly Block[] {
  if (summaries.length === 0) return []
  const wide = tableOf(summaries, widest)
  const narrower = NARROWER.map(layout => () => tableOf(summaries, layout))
  return [{ kind: 'table', table: { ...wide, forms: [() => wide, ...narrower] } }]
}

/** From the widest to the narrowest. */
const NARROWER: readonly Layout[] = [
  {},
  { short: true },
  { short: true, stacked: true },
  { short: true, stacked: true, gap: 1 },
]

/**
 * Median goodput and its 95 % interval, or the range of few trials, median and longest total time (or the 99th percentile), loss, refusals, outcomes of each case, and
 * before them what distinguishes it from others.
 */
function transfersTable(
  summaries: readonly CaseSummary[],
  { cause, short, stacked, gap = 2 }: Layout,
): Table {
  const nothing = short && !summaries.some(anyRefused) && summaries.some(each => each.refusals !== undefined)
  const usual = usualEnds(summaries.map(each => estimateOf(each)?.name))
  const between = stacked ? '\n' : ' '
  const goodputTitle = titleOfEnds('goodput', usual, between, short || stacked)
  const columns: readonly Column[] = [
    ...nameColumns(summaries),
    stacked
      ? column(goodputTitle, 'right', summaries, each => stackedCell(goodputCell(each, usual)))
      : { title: goodputTitle, align: 'right', cells: alignedGoodputs(summaries, usual) },
    column(`total${between}(${tailOf(summaries)})`, 'right', summaries, each => ({
      text: describeTotal(each, summaries, between),
    })),
    cause
      ? column('loss', 'left', summaries, lossCell)
      : column('loss', 'right', summaries, each => withoutDetail(lossCell(each))),
    ...given(
      summaries.some(({ fairness }) => fairness !== undefined) &&
        column('fairness', 'right', summaries, fairnessCell),
      !nothing && column('refused', 'right', summaries, refusedCell),
    ),
    column('outcomes', 'left', summaries, each => outcomesCell(each, short)),
  ]
  const below = nothing ? { below: 'No datagram was refused.' } : {}
  return { ...tableOfColumns('', columns), gap, ...below, inWords: inWords(summaries) }
}

/** `2.41 Gbit/s (2.31 – 2.52)`: the ends stand below each other. */
function alignedGoodputs(
  summaries: readonly CaseSummary[],
  usual: Ends['name'] | undefined,
): readonly TableCell[] {
  const estimates = summaries.map(estimateOf)
  const widest = (end: 'low' | 'high') => Math.max(0, ...estimates.map(each => each?.[end]?.length ?? 0))
  const [low, high] = [widest('low'), widest('high')]
  const blank = low + high > 0 ? ' '.repeat(low + high + 6) : ''
  return estimates.map(each => {
    const text = each?.value ?? NONE.text
    if (each?.low === undefined || each.high === undefined) return { text: text + blank }
    return {
      text,
      detail: `${prefixOf(each.name, usual)}${each.low.padStart(low)} – ${each.high.padStart(high)}`,
    }
  })
}

/** `2.41 Gbit/s`, and below it `2.31 – 2.52`, or `range 2.31 – 2.52`. @param usual what the ends are unless they say it */
export function goodputCell(summary: CaseSummary, usual: Ends['name'] | undefined = '95 %'): TableCell {
  const estimate = estimateOf(summary)
  if (!estimate) return NONE
  const { value: text, low, high, name } = estimate
  return {
    text,
    detail: low === undefined ? undefined : `${prefixOf(name, usual)}${low} – ${high}`,
    value: summary.goodput?.medianBps,
  }
}

/** Without ends where nothing ever arrived: from 0 to 0 says no more than 0. They share the unit. */
function estimateOf({ goodput }: CaseSummary) {
  if (!goodput) return undefined
  const ends = endsOf(goodput)
  const shown = ends && ends.high > 0 ? ends : undefined
  return { ...formatEstimate(goodput.medianBps, shown), name: shown?.name }
}

/** The median, and beside it the longest or, where all cases have trials enough for it, the 99th percentile. */
function describeTotal({ totalMs }: CaseSummary, summaries: readonly CaseSummary[], between: string): string {
  if (!totalMs) return '–'
  const { p50, p99, max } = totalMs
  return `${formatMs(p50)}${between}(${formatMs(tailOf(summaries) === 'p99' && p99 !== undefined ? p99 : max)})`
}

function tailOf(summaries: readonly CaseSummary[]): 'p99' | 'max' {
  const totals = summaries.flatMap(({ totalMs }) => totalMs ?? [])
  return totals.length > 0 && totals.every(({ p99 }) => p99 !== undefined) ? 'p99' : 'max'
}

/** `23.3 %`, and below it the main cause. */
export function lossCell(summary: CaseSummary): TableCell {
  const { loss } = summary
  if (!loss) return NONE
  const lossy = loss.lost > 0
  return {
    ...figureCell(loss.ratio, formatPercent),
    detail: lossy ? mainCause(summary) : undefined,
    tone: lossy ? 'caution' : undefined,
  }
}

export function fairnessCell({ fairness }: CaseSummary): TableCell {
  return figureCell(fairness, formatPercent)
}

export function refusedCell(summary: CaseSummary): TableCell {
  const share = refusedShare(summary)
  return { ...figureCell(share, formatPercent), tone: share ? 'caution' : undefined }
}

function inWords(summaries: readonly CaseSummary[]): readonly RowWords[] {
  return casesInWords(summaries, summary => {
    const estimate = estimateOf(summary)
    const { value, low, high, name } = estimate ?? { value: 'unknown' }
    const goodput = low === undefined ? value : `${value} (${name}: ${low} – ${high})`
    return given(
      `goodput ${goodput}`,
      summary.totalMs && `total (${tailOf(summaries)}) ${describeTotal(summary, summaries, ' ')}`,
      summary.loss && `loss ${cellText(lossCell(summary))}`,
      summary.fairness !== undefined && `fairness ${fairnessCell(summary).text}`,
      summary.refusals && `refused ${refusedCell(summary).text}`,
    )
  })
}
