/** The results as blocks: a line a case. Pure: summaries in, text out. */
import { harmless } from '../../base/foreign-text.ts'
import { given } from '../../base/given.ts'
import { groupBy, largestOf } from '../../base/groups.ts'
import { formatMs, formatPercent } from '../../base/units.ts'
import { anyRefused, type CaseSummary, mainCause, refusedShare } from '../statistics/summary.ts'
import { casesInWords, type Layout, stackedCell, tableOfCases, withoutDetail } from './case-rows.ts'
import { exchangeTable } from './exchange-table.ts'
import { column, figureCell, NONE } from './figures.ts'
import {
  columnFormat,
  columnUnit,
  type Ends,
  endsOf,
  formatEstimate,
  prefixOf,
  titleOfEnds,
  usualEnds,
} from './format.ts'
import { framesTable, ratesThatHold } from './frames-table.ts'
import { describeRun, describeSettings } from './heading.ts'
import type { Block, RenderOptions, RowWords, Table, TableCell } from './model.ts'
import { receiversTable } from './receivers-table.ts'
import { responsivenessTable } from './responsiveness-table.ts'
import { renderBlocks } from './terminal.ts'
import { cellText } from './text.ts'

/** A heading with everything that all cases have in common, and notes of the runs; then the table. */
export function renderTable(
  summaries: readonly CaseSummary[],
  options: RenderOptions,
  notes: readonly string[] = [],
): string {
  if (summaries.length === 0) return 'No trial was recorded.\n'
  const kinds = groupBy(summaries, kindOf)
  const said = notes.map(note => `note: ${harmless(note)}`)
  const films = kinds.get('film') ?? []
  return renderBlocks(
    [
      { kind: 'heading', text: [describeRun(summaries)], common: [...describeSettings(summaries), ...said] },
      ...tableBlock(transfersTable, kinds.get('transfer')),
      ...tableBlock(receiversTable, kinds.get('transfer')?.filter(isGroup)),
      ...tableBlock(framesTable, films),
      ...tableBlock(receiversTable, films.filter(isGroup)),
      ...ratesThatHold(films),
      ...tableBlock(exchangeTable, kinds.get('exchange')),
      ...tableBlock(responsivenessTable, kinds.get('responsiveness')),
    ],
    options,
  )
}

function isGroup({ cell }: CaseSummary): boolean {
  return cell.receivers !== undefined
}

/** None of its trials has to have come so far that it says so itself. */
function kindOf({ cell, records, exchange }: CaseSummary) {
  if (cell.frames_asked !== undefined) return 'film'
  // Where no trial has any round trips per minute, its outcomes say why, beside its goodput.
  if (records.some(({ rpm }) => rpm !== undefined)) return 'responsiveness'
  const isTimed = cell.duration_asked_ms !== undefined && cell.size_bytes !== undefined
  return exchange || isTimed || cell.requests_asked !== undefined ? 'exchange' : 'transfer'
}

function tableBlock(
  tableOf: (summaries: readonly CaseSummary[], layout: Layout) => Table,
  summaries: readonly CaseSummary[] = [],
): readonly Block[] {
  if (summaries.length === 0) return []
  const formOf = (layout: Layout) => ({ ...tableOf(summaries, layout), gap: layout.gap })
  const wide = formOf({ cause: true })
  const narrower = NARROWER.map(layout => () => formOf(layout))
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
function transfersTable(summaries: readonly CaseSummary[], layout: Layout): Table {
  const { cause, short, stacked } = layout
  const nothing = short && !summaries.some(anyRefused) && summaries.some(each => each.refusals !== undefined)
  const usual = usualEnds(summaries.map(shownGoodput))
  const tail = tailOf(summaries)
  const between = stacked ? '\n' : ' '
  const inMs = columnFormat(
    'ms',
    summaries.map(({ totalMs }) => totalMs?.p50),
  )
  const measures = given(
    {
      ...{ title: titleOfEnds('goodput', usual, layout), align: 'right' as const },
      cells: goodputCells(summaries, usual, layout),
    },
    column(`total${between}(${tail})`, 'right', summaries, each => ({
      text: describeTotal(each, tail, between, inMs),
    })),
    cause
      ? column('loss', 'left', summaries, lossCell)
      : column('loss', 'right', summaries, each => withoutDetail(lossCell(each))),
    summaries.some(({ fairness }) => fairness !== undefined) &&
      column('fairness', 'right', summaries, fairnessCell),
    !nothing && column('refused', 'right', summaries, refusedCell),
  )
  const below = nothing ? { below: 'No datagram was refused.' } : {}
  return { ...tableOfCases(summaries, measures, layout), ...below, inWords: inWords(summaries, tail) }
}

/** `2.41 Gbit/s (2.31 – 2.52)`: all in one unit, and the ends below each other unless they are stacked. */
function goodputCells(
  summaries: readonly CaseSummary[],
  usual: Ends['name'] | undefined,
  layout: Layout,
): readonly TableCell[] {
  const unit = columnUnit(
    'rate',
    summaries.map(({ goodput }) => goodput?.medianBps),
  )
  if (layout.stacked) return summaries.map(each => stackedCell(goodputCell(each, usual, { unit }), layout))
  const estimates = summaries.map(each => estimateOf(each, unit))
  const [low, high] = (['low', 'high'] as const).map(end => largestOf(estimates, each => each?.[end]?.length))
  const blank = ' '.repeat(low && high ? low + high + 6 : 0)
  return summaries.map(each => {
    const cell = goodputCell(each, usual, { unit, low, high })
    return cell.detail === undefined ? { ...cell, text: cell.text + blank } : cell
  })
}

/**
 * `2.41 Gbit/s`, and below it `2.31 – 2.52`, or `range 2.31 – 2.52`.
 * @param usual what the ends are unless they say it @param column its unit, and how wide ends are at least
 */
export function goodputCell(
  summary: CaseSummary,
  usual: Ends['name'] | undefined = '95 %',
  column: {
    readonly unit?: RateUnit
    readonly low?: number | undefined
    readonly high?: number | undefined
  } = {},
): TableCell {
  const estimate = estimateOf(summary, column.unit)
  if (!estimate) return NONE
  const { value: text, low, high = '', name } = estimate
  const ends =
    low && `${prefixOf(name, usual)}${low.padStart(column.low ?? 0)} – ${high.padStart(column.high ?? 0)}`
  return { text, detail: ends, value: summary.goodput?.medianBps }
}

type RateUnit = ReturnType<typeof columnUnit>

/** They share the unit. */
function estimateOf(summary: CaseSummary, unit?: RateUnit) {
  const goodput = shownGoodput(summary)
  const ends = goodput && endsOf(goodput)
  return goodput && { ...formatEstimate(goodput.medianBps, ends, unit), name: ends?.name }
}

/** Without ends where nothing ever arrived: from 0 to 0 says no more than 0. */
function shownGoodput({ goodput }: CaseSummary): CaseSummary['goodput'] {
  if (!goodput || (endsOf(goodput)?.high ?? 0) > 0) return goodput
  return { medianBps: goodput.medianBps, trials: goodput.trials }
}

/** The median, and beside it the longest or, where all cases have trials enough for it, the 99th percentile. */
function describeTotal(
  { totalMs }: CaseSummary,
  tail: 'p99' | 'max',
  between: string,
  format = formatMs,
): string {
  if (!totalMs) return '–'
  const { p50, max } = totalMs
  return `${format(p50)}${between}(${format(totalMs[tail] ?? max)})`
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

function inWords(summaries: readonly CaseSummary[], tail: 'p99' | 'max'): readonly RowWords[] {
  return casesInWords(summaries, summary => {
    const estimate = estimateOf(summary)
    const { value, low, high, name } = estimate ?? { value: 'unknown' }
    const goodput = low === undefined ? value : `${value} (${name}: ${low} – ${high})`
    return given(
      `goodput ${goodput}`,
      summary.totalMs && `total (${tail}) ${describeTotal(summary, tail, ' ')}`,
      summary.loss && `loss ${cellText(lossCell(summary))}`,
      summary.fairness !== undefined && `fairness ${fairnessCell(summary).text}`,
      summary.refusals && `refused ${refusedCell(summary).text}`,
    )
  })
}
