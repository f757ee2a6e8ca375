/** The results as a table: a line a case. Pure: summaries in, text out. */
import picocolors from 'picocolors'
import { formatCount, formatMs, formatPercent } from '../../base/units.ts'
import { describeCell, FIELD_TITLES, fieldValue, shortenAll, tellingFields } from '../schema/cells.ts'
import { OUTCOMES, type OutcomeKind } from '../schema/outcome.ts'
import { anyRefused, type CaseSummary, mainCause, refusedShare } from '../statistics/summary.ts'
import { formatEstimate } from './format.ts'
import { fits, type GridColumn, ruledGrid } from './grid.ts'
import { describeRun, describeSettings } from './heading.ts'
import type { RenderOptions } from './model.ts'
import { NO_BREAK, wrapWords } from './text.ts'
import type { Colors } from './tones.ts'

/**
 * What is common to all cases in a heading, then a line a case: median goodput and its 95% interval, median and longest
 * total time (or the 99th percentile), loss, refusals, outcomes. Where the terminal is too narrow, cells become shorter, then each case a block of lines.
 */
export function renderTable(summaries: readonly CaseSummary[], { width, color }: RenderOptions): string {
  if (summaries.length === 0) return 'No trial was recorded.\n'
  const colors = picocolors.createColors(color)
  const heading = wrapWords(describeRun(summaries), width).map(line => colors.bold(line))
  const settings = describeSettings(summaries).flatMap(line => wrapWords(`  ${line}`, width, '    '))
  const layouts = LAYOUTS.map(layout => [
    ...layOut(columnsOf(summaries, layout), layout.gap, summaries, colors),
    ...(layout.short && nothingRefused(summaries) ? ['', 'No datagram was refused.'] : []),
  ])
  const body = layouts.find(lines => fits(lines, width)) ?? paragraphs(summaries, width, colors)
  return `${[...heading, ...settings, '', ...body].join('\n')}\n`
}

interface Layout {
  /** The cause of a loss stands beside it. */
  readonly cause: boolean
  /** Outcomes below each other, and no column for refusals where nothing was refused. */
  readonly short: boolean
  /** The interval stands below the median. */
  readonly stacked: boolean
  /** Blanks between columns. */
  readonly gap: number
}

/** From the widest to the narrowest. */
const LAYOUTS: readonly Layout[] = [
  { cause: true, short: false, stacked: false, gap: 2 },
  { cause: false, short: false, stacked: false, gap: 2 },
  { cause: false, short: true, stacked: false, gap: 2 },
  { cause: false, short: true, stacked: true, gap: 2 },
  { cause: false, short: true, stacked: true, gap: 1 },
]

function columnsOf(summaries: readonly CaseSummary[], layout: Layout): readonly GridColumn[] {
  const { cause, short, stacked } = layout
  const fields = tellingFields(summaries.map(each => each.cell)).filter(field => field !== 'transport')
  const column = (title: string, align: 'left' | 'right', cell: (summary: CaseSummary) => string) => ({
    title,
    align,
    cells: summaries.map(cell),
  })
  const goodputTitle = stacked ? 'goodput\n(95 %)' : short ? 'goodput (95 %)' : 'goodput (95 % interval)'
  return [
    column('transport', 'left', each => each.cell.transport),
    ...fields.map(field => ({
      title: FIELD_TITLES[field],
      align: 'right' as const,
      cells: shortenAll(summaries.map(each => fieldValue(each.cell, field))),
    })),
    {
      title: goodputTitle,
      align: 'right',
      cells: stacked ? summaries.map(stackedGoodput) : goodputs(summaries),
    },
    {
      ...column(totalTitle(summaries, stacked), 'right', each => describeTotal(each, summaries)),
      ...(stacked
        ? { cells: summaries.map(each => describeTotal(each, summaries).replace(' (', '\n(')) }
        : {}),
    },
    column('loss', cause ? 'left' : 'right', each => describeLoss(each, cause)),
    ...(short && nothingRefused(summaries) ? [] : [column('refused', 'right', describeRefused)]),
    column('outcomes', 'left', each => outcomesOf(each).join(short ? ',\n' : ', ')),
  ]
}

/** `2.41 Gbit/s (2.31 – 2.52)`: the interval shares the unit; its ends stand below each other. */
function goodputs(summaries: readonly CaseSummary[]): readonly string[] {
  const estimates = summaries.map(estimateOf)
  const widest = (end: 'low' | 'high') => Math.max(0, ...estimates.map(each => each?.[end]?.length ?? 0))
  const [low, high] = [widest('low'), widest('high')]
  const blank = low + high > 0 ? ' '.repeat(low + high + 6) : ''
  return estimates.map(each => {
    if (!each) return `–${blank}`
    if (each.low === undefined || each.high === undefined) return `${each.value}${blank}`
    return `${each.value} (${each.low.padStart(low)} – ${each.high.padStart(high)})`
  })
}

function stackedGoodput(summary: CaseSummary): string {
  const estimate = estimateOf(summary)
  if (!estimate) return '–'
  return estimate.low === undefined
    ? estimate.value
    : `${estimate.value}\n(${estimate.low} – ${estimate.high})`
}

/** Without an interval where nothing ever arrived: from 0 to 0 says no more than 0. */
function estimateOf({ goodput }: CaseSummary) {
  if (!goodput) return undefined
  return formatEstimate(goodput.medianBps, goodput.interval?.high === 0 ? undefined : goodput.interval)
}

/** The median, and beside it the longest or, where all cases have trials enough for it, the 99th percentile. */
function totalTitle(summaries: readonly CaseSummary[], stacked: boolean): string {
  return `total${stacked ? '\n' : ' '}(${haveP99(summaries) ? 'p99' : 'max'})`
}

function describeTotal({ totalMs }: CaseSummary, summaries: readonly CaseSummary[]): string {
  if (!totalMs) return '–'
  const { p50, p99, max } = totalMs
  return `${formatMs(p50)} (${formatMs(haveP99(summaries) && p99 !== undefined ? p99 : max)})`
}

function haveP99(summaries: readonly CaseSummary[]): boolean {
  return (
    summaries.some(({ totalMs }) => totalMs) &&
    summaries.every(({ totalMs }) => !totalMs || totalMs.p99 !== undefined)
  )
}

function describeLoss(summary: CaseSummary, withCause: boolean): string {
  if (!summary.loss) return '–'
  const cause = summary.loss.lost > 0 && withCause ? mainCause(summary) : undefined
  return formatPercent(summary.loss.ratio) + (cause ? ` (${cause})` : '')
}

function describeRefused(summary: CaseSummary): string {
  const share = refusedShare(summary)
  return share === undefined ? '–' : formatPercent(share)
}

function outcomesOf(summary: CaseSummary): readonly string[] {
  return OUTCOMES.filter(kind => summary.outcomes[kind] > 0).map(
    kind => `${formatCount(summary.outcomes[kind])} ${kind}`,
  )
}

function layOut(
  columns: readonly GridColumn[],
  gap: number,
  summaries: readonly CaseSummary[],
  colors: Colors,
): readonly string[] {
  return ruledGrid(
    columns.map(({ title, align, cells }) => ({
      title,
      align,
      cells: summaries.map((summary, row) => colorCell(title, cells[row] ?? '', summary, colors)),
    })),
    gap,
    colors.dim,
  )
}

function colorCell(title: string, text: string, summary: CaseSummary, colors: Colors): string {
  if (title === 'transport') return colors.bold(text)
  if (title === 'loss' && (summary.loss?.lost ?? 0) > 0) return colors.yellow(text)
  if (title === 'refused' && (refusedShare(summary) ?? 0) > 0) return colors.yellow(text)
  if (title === 'outcomes') return colors[OUTCOME_COLORS[worstOutcome(summary)]](text)
  return text
}

const OUTCOME_COLORS = {
  completed: 'green',
  incomplete: 'yellow',
  refused: 'yellow',
  'timed-out': 'red',
  failed: 'red',
} as const satisfies Record<OutcomeKind, keyof Colors>

function worstOutcome(summary: CaseSummary): OutcomeKind {
  return OUTCOMES.findLast(kind => summary.outcomes[kind] > 0) ?? 'completed'
}

/** Every case as a few lines of text: for a terminal that no table fits. */
function paragraphs(summaries: readonly CaseSummary[], width: number, colors: Colors): readonly string[] {
  const cells = summaries.map(each => each.cell)
  return summaries.flatMap(summary => {
    const name = describeCell(summary.cell, tellingFields(cells))
    const [title = '', ...more] = wrapWords(`${name}: ${outcomesOf(summary).join(', ')}`, width, '  ')
    const figures = [
      `goodput ${oneLineGoodput(summary)}`,
      ...(summary.totalMs ? [`${totalTitle(summaries, false)} ${describeTotal(summary, summaries)}`] : []),
      ...(summary.loss ? [`loss ${describeLoss(summary, true)}`] : []),
      ...(summary.refusals ? [`refused ${describeRefused(summary)}`] : []),
    ]
    // A figure and its unit stay on one line.
    const text = figures.map(figure => figure.replaceAll(/ (?!\(95)/g, NO_BREAK)).join(', ')
    const lines = wrapWords(`  ${text}`, width, '  ')
    return [colors.bold(title), ...more.map(line => colors.bold(line)), ...lines]
  })
}

function oneLineGoodput(summary: CaseSummary): string {
  const estimate = estimateOf(summary)
  if (!estimate) return 'unknown'
  return estimate.low === undefined
    ? estimate.value
    : `${estimate.value} (95 %: ${estimate.low} – ${estimate.high})`
}

function nothingRefused(summaries: readonly CaseSummary[]): boolean {
  return !summaries.some(anyRefused) && summaries.some(each => each.refusals !== undefined)
}
