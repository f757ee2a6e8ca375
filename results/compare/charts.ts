/** A comparison as charts: the metric, and loss where there was any, over what was swept; a line for each set. */
import { counted } from '../../base/units.ts'
import { drawPlots, formatScale, hasValues, shareLabel } from '../charts/pictures.ts'
import type { Plot, Series } from '../charts/plot.ts'
import { groupBySweep, linesOf, type SweepField, sweepAxis } from '../charts/sweep.ts'
import type { RenderOptions } from '../document/model.ts'
import { orderedLabels, orderOf, shownFields } from './block.ts'
import type { ComparedRow, Comparison } from './comparison.ts'
import type { Metric } from './metrics.ts'

/** A chart for each transport (and whatever else tells rows apart) over chunk or size. Empty when neither was swept. */
export function comparisonCharts(comparison: Comparison, options: RenderOptions): readonly string[] {
  const plots = groupBySweep(comparison.rows).flatMap(({ items, field, title }) =>
    field === undefined ? [] : plotsOf(comparison, items, field, title),
  )
  return drawPlots(
    [...plots.filter(each => !each.ceiling), ...plots.filter(each => each.ceiling)],
    left => `${counted(left, 'more chart has', 'more charts have')} no place here; the tables say it.`,
    options,
  )
}

/** Of each line of the sweep its medians and, where there was any, its loss. */
function plotsOf(
  comparison: Comparison,
  rows: readonly ComparedRow[],
  field: SweepField,
  group: string,
): readonly Plot[] {
  const { metric } = comparison
  const lines = linesOf(rows, [field, 'size_bytes', 'chunk_bytes'])
  return lines.flatMap(line => {
    const { name, title: xTitle, values: xs, ticks } = sweepAxis(line.items, field)
    const points = xs.map(x => line.items.find(each => each.cell[field] === x))
    const medians = seriesOf(comparison, points, (row, set) => row.estimates[set]?.median)
    // What only one set has measured is no comparison, and one point no sweep.
    if (xs.length < 2 || medians.length < 2 || !medians.some(hasValues)) return []
    const losses = seriesOf(comparison, points, (row, set) => row.losses[set]?.ratio)
    const lossy = losses.some(each => each.values.some(value => (value ?? 0) > 0))
    const common = { ticks, xTitle }
    const where = `over ${name}${named(comparison, line.name, lines.length)}${group}`
    return [
      { ...common, title: `Median ${metric.title} ${where}`, series: medians, label: labelOf(metric) },
      ...(lossy
        ? [{ ...common, title: `Loss ${where}`, series: losses, label: shareLabel, ceiling: 1 }]
        : []),
    ]
  })
}

/** A line for each set that has a value at any of the points, or was refused there. */
function seriesOf(
  comparison: Comparison,
  points: readonly (ComparedRow | undefined)[],
  pick: (row: ComparedRow, set: number) => number | undefined,
): readonly RefusedSeries[] {
  const labels = orderedLabels(comparison)
  return orderOf(comparison)
    .map((set, place) => ({
      name: labels[place] ?? '',
      values: points.map(row => row && pick(row, set)),
      refused: points.map(row => (row?.refusals[set]?.refused ?? 0) > 0),
    }))
    .filter(each => hasValues(each) || each.refused.includes(true))
}

type RefusedSeries = Series & Required<Pick<Series, 'refused'>>

/** `, udp-header`: what the chart is of, where there are several. */
function named(comparison: Comparison, line: string, lines: number): string {
  const tellsTransport = shownFields(comparison).includes('transport')
  return lines > 1 || tellsTransport ? `: ${line}` : ''
}

/** Labels of an axis of this metric. */
export function labelOf({ units }: Metric): Plot['label'] {
  return (value, top) => {
    const unit = units.findLast(({ factor }) => top / factor >= 1) ?? units[0]
    return `${formatScale(value / (unit?.factor ?? 1))} ${unit?.name ?? ''}`
  }
}
