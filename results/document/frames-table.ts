/** Pictures in a row as a table: a line a case; and which rates hold. Pure. */
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatCount, formatPercent, significant } from '../../base/units.ts'
import { CELL_FIELDS, type CellField, describeCell, tellingFields } from '../schema/cells.ts'
import { type FramesSummary, HOLDS, onTimeShare } from '../statistics/frames.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { medianColumn, tableOfCases, unitColumn } from './case-rows.ts'
import type { Layout } from './figures.ts'
import { column, figureCell } from './figures.ts'
import { timeCell } from './format.ts'
import type { Block, Table, TableCell } from './model.ts'

/** The share on time and what became of the others, and how long pictures took, with the 95 % interval. */
export function framesTable(summaries: readonly CaseSummary[], layout: Layout): Table {
  const { short } = layout
  const some = (
    title: string,
    of: (frames: FramesSummary) => number | undefined,
    format: (value: number) => string,
  ) => column(title, 'right', summaries, ({ frames }) => figureCell(frames && of(frames), format))
  const measures = given(
    column('on time', 'right', summaries, onTimeCell),
    some('late', ({ fates }) => fates?.late, formatCount),
    summaries.some(({ frames }) => frames?.fates?.damaged) &&
      some('damaged', ({ fates }) => fates?.damaged, formatCount),
    column(short ? 'dropped' : 'dropped (never sent)', 'right', summaries, each => droppedCell(each, short)),
    medianColumn('delay p50', summaries, ({ frames }) => frames?.delay, layout),
    unitColumn('max', summaries, 'ms', ({ frames }) => frames?.delay?.maxMs),
    !short && unitColumn('jitter', summaries, 'ms', ({ frames }) => frames?.jitterMs),
    summaries.some(({ cell }) => cell.fps === undefined) &&
      some('a second', frames => frames.perSecond, significant),
  )
  // How many there are follows from the rate and the time.
  return tableOfCases(summaries, measures, layout, { leftOut: ['frames_asked'] })
}

/** `99.8 %` */
export function onTimeCell({ frames }: { readonly frames?: FramesSummary | undefined }): TableCell {
  const share = frames && onTimeShare(frames)
  return { ...figureCell(share, formatPercent), tone: (share ?? 1) < HOLDS ? 'caution' : undefined }
}

export function delayCell({ frames }: CaseSummary): TableCell {
  return timeCell(frames?.delay)
}

/** `12`, and beside it how many of them were never sent. */
export function droppedCell({ frames }: CaseSummary, short?: boolean): TableCell {
  const cell = figureCell(frames?.fates?.dropped, formatCount)
  const unsent = frames?.unsent ?? 0
  return unsent > 0 && !short ? { ...cell, detail: formatCount(unsent) } : cell
}

const RATE: readonly CellField[] = ['fps', 'frames_asked']

/**
 * `Rates that hold (99 % of the pictures on time or more): tcp 25, 50 fps; udp-header none of 25, 50 fps.`; nothing where only one
 * was tried.
 */
export function ratesThatHold(summaries: readonly CaseSummary[]): readonly Block[] {
  const tried = summaries.filter(({ cell, frames }) => cell.fps !== undefined && frames?.fates)
  const others = CELL_FIELDS.filter(field => !RATE.includes(field))
  const keyOf = ({ cell }: CaseSummary) => JSON.stringify(others.map(field => cell[field] ?? null))
  const groups = [...groupBy(tried, keyOf).values()]
  if (!groups.some(group => group.length > 1)) return []
  const telling = tellingFields(groups.map(([first]) => first.cell)).filter(field => !RATE.includes(field))
  const words = groups.map(group => {
    const rates = group.toSorted((a, b) => (a.cell.fps ?? 0) - (b.cell.fps ?? 0))
    const held = rates.filter(({ frames }) => ((frames && onTimeShare(frames)) ?? 0) >= HOLDS)
    const name = describeCell(group[0].cell, telling)
    const highest = held.at(-1)?.cell.fps
    if (highest === undefined) return `${name} none of ${listed(rates)}`
    const top = highest === rates.at(-1)?.cell.fps ? ', the highest tried' : ''
    return `${name} ${listed(held)}${top}`
  })
  const text = `Rates that hold (${HOLDS * 100} % of the pictures on time or more): ${words.join('; ')}.`
  return [{ kind: 'text', text: [text] }]
}

function listed(cases: readonly CaseSummary[]): string {
  return `${cases.map(({ cell }) => cell.fps).join(', ')} fps`
}
