/** Charts of a run on a terminal: goodput and loss over what was swept, or goodput over the rounds. Pure: summaries in, text out. */
import { counted, formatCount } from '../../base/units.ts'
import type { SweepPoint } from '../document/chart-spec.ts'
import type { Block, Chart, RenderOptions } from '../document/model.ts'
import { limitWords } from '../document/refusals.ts'
import { renderBlocks } from '../document/terminal.ts'
import { saysNothing } from '../document/text.ts'
import type { OverTime } from '../statistics/over-time.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { type Case, type Colors, colorBook, namedLines } from './case.ts'
import { MOST_CHARTS } from './first-charts.ts'
import { latencyChart } from './latency.ts'
import { GOODPUT, LOSS, sweepChart } from './measures.ts'
import { type Group, groupBySweep } from './sweep.ts'
import { timeCharts } from './time.ts'

/**
 * For a sweep over chunk or size: median goodput over it, and loss if there was any; if both vary, such a pair for each size.
 * Without a sweep: goodput over the rounds, or over time, of streams whose intervals are known. Ends with the size from which datagrams were refused. Empty if there is nothing to draw.
 */
export function renderCharts(
  summaries: readonly CaseSummary[],
  options: RenderOptions,
  overTime?: OverTime,
): string {
  const colors = colorBook()
  const groups = groupBySweep<Case>(summaries.filter(each => !each.exchange && !each.frames))
  const courses = overTime
    ? timeCharts(
        summaries.map(each => ({ ...each, overTime })),
        colors,
      )
    : []
  const more = groups.length - MOST_CHARTS
  const left = `${counted(more, 'more size has', 'more sizes have')} no chart here; the table has them.`
  const blocks: readonly Block[] = [
    ...groups.slice(0, MOST_CHARTS).flatMap((group, index) => {
      if (group.field !== undefined) return sweepCharts(group, index + 1, colors)
      return courses.length > 0 && group.items.every(isStream) ? [] : roundsChart(group.items, colors)
    }),
    ...[...courses, ...latencyChart(summaries, colors)].map((chart): Block => ({ kind: 'chart', chart })),
    { kind: 'list', items: [...(more > 0 ? [[left]] : []), ...limitWords(summaries)] },
  ]
  return blocks.every(saysNothing) ? '' : renderBlocks(blocks, options)
}

/** It ends with time, and has no size. */
function isStream({ cell }: Case): boolean {
  return cell.size_bytes === undefined
}

function sweepCharts(group: Group<Case>, number: number, colors: Colors): readonly Block[] {
  const goodput = sweepChart({ ...GOODPUT, title: 'Median goodput' }, group, `goodput-${number}`, colors)
  const losses = sweepChart(LOSS, group, `loss-${number}`, colors)
  return [...goodput, ...losses].map((chart): Block => {
    const isEmpty =
      chart.kind === 'loss' && chart.spec.lines.every(line => line.points.every(({ y }) => y === 0))
    return isEmpty
      ? { kind: 'text', text: [`${chart.title}: none, no datagram was lost.`] }
      : { kind: 'chart', chart }
  })
}

/** A terminal has room for so many points. */
const MOST_ROUNDS = 64

/** More rounds than that are drawn as medians of neighbours. */
function roundsChart(cases: readonly Case[], colors: Colors): readonly Block[] {
  const rounds = [...new Set(cases.flatMap(each => each.records.map(record => record.round)))].sort(
    (a, b) => a - b,
  )
  const each = Math.ceil(rounds.length / MOST_ROUNDS)
  const bins = rounds.flatMap((_, index) => (index % each === 0 ? [rounds.slice(index, index + each)] : []))
  const lines = namedLines(cases, colors).map(({ name, color, cases }) => {
    const goodputs = new Map(
      cases.flatMap(({ records }) => records).map(record => [record.round, record.goodput_bps]),
    )
    const points = bins.flatMap((bin, x): SweepPoint[] => {
      const values = known(bin, round => goodputs.get(round))
      const y = median(values)
      return y === undefined ? [] : [{ x, y, n: values.length }]
    })
    return { name, color, points }
  })
  const drawn = lines.filter(line => line.points.length > 0)
  if (rounds.length < 2 || drawn.length === 0) return []
  const chart: Chart = {
    id: 'rounds',
    title: `Goodput per round${each > 1 ? ` (median of ${each} rounds each)` : ''}`,
    spec: {
      kind: 'sweep',
      x: {
        title: 'round',
        scale: 'steps',
        values: [...bins.keys()],
        labels: bins.map(([first = 0]) => formatCount(first)),
      },
      y: { title: 'goodput', unit: 'rate' },
      lines: drawn,
    },
  }
  return [{ kind: 'chart', chart }]
}
