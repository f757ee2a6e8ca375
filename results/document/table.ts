/** The results as blocks: a line a case. Pure: summaries in, text out. */
import { harmless } from '../../base/foreign-text.ts'
import { given } from '../../base/given.ts'
import { groupBy, largestOf } from '../../base/groups.ts'
import { formatPercent } from '../../base/units.ts'
import { anyRefused, type CaseSummary, mainCause, refusedShare } from '../statistics/summary.ts'
import { casesInWords, stackedCell, tableOfCases, withoutDetail } from './case-rows.ts'
import { exchangeTable } from './exchange-table.ts'
import type { Layout } from './figures.ts'
import { column, figureCell, NONE } from './figures.ts'
import {
  type ColumnUnit,
  commonUnit,
  type Ends,
  endsOf,
  formatEstimate,
  formatIn,
  prefixOf,
  titleIn,
  titleOfEnds,
  UNITS,
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
 * Median goodput and its 95 % interval, or the range of few trials, median and longest total time, loss, refusals, outcomes of each case, and
 * before them what distinguishes it from others.
 */
function transfersTable(summaries: readonly CaseSummary[], layout: Layout): Table {
  const { cause, short, stacked } = layout
  const nothing = short && !summaries.some(anyRefused) && summaries.some(each => each.refusals !== undefined)
  const usual = usualEnds(summaries.map(shownGoodput))
  const rate = commonUnit(
    UNITS.rate,
    summaries.map(({ goodput }) => goodput?.medianBps),
  )
  const time = commonUnit(
    UNITS.ms,
    summaries.flatMap(({ totalMs }) => [totalMs?.p50, totalMs?.max]),
  )
  const between = stacked ? '\n' : ' '
  const measures = given(
    {
      ...{ title: titleOfEnds(titleIn('goodput', rate), usual, layout), align: 'right' as const },
      cells: stacked
        ? summaries.map(each => stackedCell(goodputCell(each, usual, rate), layout))
        : alignedGoodputs(summaries, usual, rate),
    },
    column(`${titleIn('total', time)}\n(max)`, 'right', summaries, each => ({
      text: describeTotal(each, between, time),
    })),
    cause
      ? column('loss', 'left', summaries, lossCell)
      : column('loss', 'right', summaries, each => withoutDetail(lossCell(each))),
    summaries.some(({ fairness }) => fairness !== undefined) &&
      column('fairness', 'right', summaries, fairnessCell),
    !nothing && column('refused', 'right', summaries, refusedCell),
  )
  const below = nothing ? 'No datagram was refused.' : undefined
  return { ...tableOfCases(summaries, measures, layout, { below }), inWords: inWords(summaries) }
}

/** `2.41 Gbit/s (2.31 – 2.52)`: the ends stand below each other. */
function alignedGoodputs(
  summaries: readonly CaseSummary[],
  usual: Ends['name'] | undefined,
  unit: ColumnUnit | undefined,
): readonly TableCell[] {
  const estimates = summaries.map(each => estimateOf(each, unit))
  const [low, high] = (['low', 'high'] as const).map(end => largestOf(estimates, each => each?.[end]?.length))
  const blank = ' '.repeat(low && high ? low + high + 6 : 0)
  return summaries.map(each => {
    const cell = goodputCell(each, usual, unit, low, high)
    return cell.detail === undefined ? { ...cell, text: cell.text + blank } : cell
  })
}

/**
 * `2.41 Gbit/s`, and below it `2.31 – 2.52`, or `range 2.31 – 2.52`.
 * @param usual what the ends are unless they say it @param unit of the column, if it has one @param lowest, highest how wide these are at least
 */
export function goodputCell(
  summary: CaseSummary,
  usual: Ends['name'] | undefined = '95 %',
  unit?: ColumnUnit,
  lowest = 0,
  highest = 0,
): TableCell {
  const estimate = estimateOf(summary, unit)
  if (!estimate) return NONE
  const { value: text, low, high = '', name } = estimate
  const ends = low && `${prefixOf(name, usual)}${low.padStart(lowest)} – ${high.padStart(highest)}`
  return { text, detail: ends, value: summary.goodput?.medianBps }
}

/** They share the unit. */
function estimateOf(summary: CaseSummary, unit?: ColumnUnit) {
  const goodput = shownGoodput(summary)
  const ends = goodput && endsOf(goodput)
  return goodput && { ...formatEstimate(goodput.medianBps, ends, unit), name: ends?.name }
}

/** Without ends where nothing ever arrived: from 0 to 0 says no more than 0. */
function shownGoodput({ goodput }: CaseSummary): CaseSummary['goodput'] {
  if (!goodput || (endsOf(goodput)?.high ?? 0) > 0) return goodput
  return { medianBps: goodput.medianBps, trials: goodput.trials }
}

/** The median, and beside it the longest. */
function describeTotal({ totalMs }: CaseSummary, between: string, unit?: ColumnUnit): string {
  return totalMs ? `${formatIn(totalMs.p50, unit)}${between}(${formatIn(totalMs.max, unit)})` : '–'
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
      summary.totalMs && `total (max) ${describeTotal(summary, ' ')}`,
      summary.loss && `loss ${cellText(lossCell(summary))}`,
      summary.fairness !== undefined && `fairness ${fairnessCell(summary).text}`,
      summary.refusals && `refused ${refusedCell(summary).text}`,
    )
  })
}
