/** Charts of a run on a terminal: goodput and loss over what was swept, or every trial of each case. Pure: summaries in, text out. */
import type { Block, Chart, RenderOptions } from '../document/model.ts'
import { limitWords } from '../document/refusals.ts'
import { renderBlocks } from '../document/terminal.ts'
import { saysNothing } from '../document/text.ts'
import type { OverTime } from '../statistics/over-time.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { type Case, type Colors, colorBook, hasLoss } from './case.ts'
import { hostsChart } from './hosts.ts'
import { latencyCharts } from './latency.ts'
import { casesChart, sweepChart, sweepsOf } from './measure-charts.ts'
import { GOODPUT, type Measure, ON_TIME, withBounds } from './measures.ts'
import { type Group, groupBySweep, type Sweep } from './sweep.ts'
import { timeCharts } from './time.ts'

/**
 * For a sweep: median goodput over it, and loss if there was any. Without one: the trials of each case, or goodput over time of streams
 * whose intervals are known. Ends with the size from which datagrams were refused. Empty if there is nothing to draw.
 */
export function renderCharts(
  summaries: readonly CaseSummary[],
  options: RenderOptions,
  overTime?: OverTime,
  bounds?: Measure['bounds'],
): string {
  const colors = colorBook(summaries)
  const groups = groupBySweep<Case>(summaries.filter(each => !each.exchange && !each.frames))
  const courses = overTime
    ? timeCharts(
        summaries.map(each => ({ ...each, overTime })),
        colors,
      )
    : []
  const blocks: readonly Block[] = [
    ...groups.flatMap((group, index) => {
      if (group.field !== undefined) return sweepCharts(group, index + 1, colors, withBounds(bounds))
      return courses.length > 0 && group.items.every(isStream) ? [] : trialsChart(group, colors)
    }),
    ...[
      ...hostsChart(summaries),
      ...courses,
      ...latencyCharts(summaries, colors),
      ...sweepsOf(ON_TIME, summaries, colors),
    ].map(chartBlock),
    { kind: 'list', items: limitWords(summaries) },
  ]
  return blocks.every(saysNothing) ? '' : renderBlocks(blocks, options)
}

/** It ends with time, and has no size. */
function isStream({ cell }: Case): boolean {
  return cell.size_bytes === undefined
}

function sweepCharts(group: Sweep<Case>, number: number, colors: Colors, loss: Measure): readonly Block[] {
  const goodput = sweepChart({ ...GOODPUT, title: 'Median goodput' }, group, `goodput-${number}`, colors)
  const isLossy = group.items.some(each => (each.loss?.lost ?? 0) > 0)
  const losses = isLossy ? sweepChart(loss, group, `loss-${number}`, colors) : []
  const isWhole = !isLossy && group.items.some(hasLoss)
  return [
    ...[...goodput, ...losses].map(chartBlock),
    ...(isWhole ? [{ kind: 'text', text: ['No datagram was lost.'] } as const] : []),
  ]
}

/** Of one trial the table says all. */
function trialsChart({ items }: Group<Case>, colors: Colors): readonly Block[] {
  const measure = { ...GOODPUT, title: 'Goodput of each trial' }
  return items.some(each => (each.goodput?.trials ?? 0) > 1)
    ? casesChart(measure, items, 'trials', colors).map(chartBlock)
    : []
}

function chartBlock(chart: Chart): Block {
  return { kind: 'chart', chart }
}
