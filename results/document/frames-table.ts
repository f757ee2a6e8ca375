/** Pictures in a row as a table: a line a case; and which rates hold. Pure. */
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatCount, formatMs, formatPercent, significant } from '../../base/units.ts'
import { CELL_FIELDS, type CellField, describeCell, tellingFields } from '../schema/cells.ts'
import { type FramesSummary, HOLDS, onTimeShare } from '../statistics/frames.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { casesInWords, type Layout, nameColumns, stackedCell } from './case-rows.ts'
import { type Column, figureCell, NONE, tableOfColumns } from './figures.ts'
import { type Ends, endsOf, prefixOf, titleOfEnds, usualEnds } from './format.ts'
import type { Block, RowWords, Table, TableCell } from './model.ts'
import { outcomesCell } from './outcomes.ts'

type Fates = NonNullable<FramesSummary['fates']>

/** The share on time and what became of the others, and how long pictures took, with the 95 % interval. */
export function framesTable(summaries: readonly CaseSummary[], { short, stacked, gap = 2 }: Layout): Table {
  const usual = usualEnds(summaries.map(({ frames }) => frames?.delay && endsOf(frames.delay)?.name))
  const count = (title: string, of: (fates: Fates) => number): Column => ({
    title,
    align: 'right',
    cells: summaries.map(({ frames }) => figureCell(frames?.fates && of(frames.fates), formatCount)),
  })
  const closed = summaries.some(({ cell }) => cell.fps === undefined)
  const columns: readonly Column[] = [
    // How many there are follows from the rate and the time.
    ...nameColumns(summaries, ['frames_asked']),
    { title: 'on time', align: 'right', cells: summaries.map(onTimeCell) },
    count('late', fates => fates.late),
    ...(summaries.some(({ frames }) => frames?.fates?.damaged)
      ? [count('damaged', fates => fates.damaged)]
      : []),
    {
      title: short ? 'dropped' : 'dropped (never sent)',
      align: 'right',
      cells: summaries.map(each => droppedCell(each, short)),
    },
    {
      title: titleOfEnds('delay p50', usual, stacked ? '\n' : ' ', short),
      align: 'right',
      cells: summaries.map(each => delayCell(each, usual)).map(cell => (stacked ? stackedCell(cell) : cell)),
    },
    {
      title: 'max',
      align: 'right',
      cells: summaries.map(({ frames }) => figureCell(frames?.delay?.maxMs, formatMs)),
    },
    ...(short
      ? []
      : [
          {
            title: 'jitter',
            align: 'right',
            cells: summaries.map(({ frames }) => figureCell(frames?.jitterMs, formatMs)),
          } as const,
        ]),
    ...(closed
      ? [
          {
            title: 'a second',
            align: 'right',
            cells: summaries.map(({ frames }) => figureCell(frames?.perSecond, significant)),
          } as const,
        ]
      : []),
    { title: 'outcomes', align: 'left', cells: summaries.map(each => outcomesCell(each, short)) },
  ]
  return { ...tableOfColumns('', columns), gap, inWords: inWords(summaries) }
}

/** `99.8 %` */
export function onTimeCell({ frames }: CaseSummary): TableCell {
  const share = frames && onTimeShare(frames)
  return { ...figureCell(share, formatPercent), tone: (share ?? 1) < HOLDS ? 'caution' : undefined }
}

/** `8.41 ms`, and beside it `8.20 ms – 8.90 ms`. @param usual what the ends are unless they say it */
export function delayCell({ frames }: CaseSummary, usual: Ends['name'] | undefined = '95 %'): TableCell {
  if (!frames?.delay) return NONE
  const { medianMs } = frames.delay
  const ends = endsOf(frames.delay)
  return {
    text: formatMs(medianMs),
    detail: ends && `${prefixOf(ends.name, usual)}${formatMs(ends.low)} – ${formatMs(ends.high)}`,
    value: medianMs,
  }
}

function droppedCell({ frames }: CaseSummary, short: boolean | undefined): TableCell {
  const cell = figureCell(frames?.fates?.dropped, formatCount)
  const unsent = frames?.unsent ?? 0
  return unsent > 0 && !short ? { ...cell, detail: formatCount(unsent) } : cell
}

const RATE: readonly CellField[] = ['fps', 'frames_asked']

/**
 * `Rates that hold (99 % of the pictures on time or more): tcp 25 and 50 fps; udp-header none of 25, 50 fps.`; nothing where only one
 * was tried.
 */
export function ratesThatHold(summaries: readonly CaseSummary[]): readonly Block[] {
  const tried = summaries.filter(({ cell, frames }) => cell.fps !== undefined && frames?.fates)
  const others = CELL_FIELDS.filter(field => !RATE.includes(field))
  const groups = [
    ...groupBy(tried, ({ cell }) => JSON.stringify(others.map(field => cell[field] ?? null))).values(),
  ]
  if (!groups.some(group => group.length > 1)) return []
  const telling = tellingFields(groups.flatMap(([first]) => (first ? [first.cell] : [])))
  const words = groups.flatMap(group => {
    const [first] = group
    if (!first) return []
    const rates = group.toSorted((a, b) => (a.cell.fps ?? 0) - (b.cell.fps ?? 0))
    const held = rates.filter(({ frames }) => ((frames && onTimeShare(frames)) ?? 0) >= HOLDS)
    const name = describeCell(
      first.cell,
      telling.filter(field => !RATE.includes(field)),
    )
    const highest = held.at(-1)?.cell.fps
    if (highest === undefined) return [`${name} none of ${listed(rates)}`]
    const top = highest === rates.at(-1)?.cell.fps ? ', the highest tried' : ''
    return [`${name} ${listed(held)}${top}`]
  })
  const text = `Rates that hold (${HOLDS * 100} % of the pictures on time or more): ${words.join('; ')}.`
  return [{ kind: 'text', text: [text] }]
}

function listed(cases: readonly CaseSummary[]): string {
  return `${cases.map(({ cell }) => cell.fps).join(', ')} fps`
}

function inWords(summaries: readonly CaseSummary[]): readonly RowWords[] {
  return casesInWords(summaries, summary => {
    const { fates } = summary.frames ?? {}
    return given(
      `on time ${onTimeCell(summary).text}`,
      fates && `late ${formatCount(fates.late)}`,
      fates && `damaged ${formatCount(fates.damaged)}`,
      fates && `dropped ${formatCount(fates.dropped)}`,
      `delay ${delayCell(summary).text}`,
    )
  })
}
