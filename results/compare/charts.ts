/** A comparison as charts: the metric, and loss where there was any, over what was swept; a line for each set. */
import type { CellField } from '../cells.ts'
import {
  drawSeries,
  formatScale,
  hasValues,
  MAX_CHARTS,
  MAX_WIDTH,
  MIN_WIDTH,
  shareLabel,
} from '../pictures.ts'
import type { Plot, Series } from '../plot.ts'
import { groupBySweep, linesOf, type SweepField, sweptValues, tickLabels } from '../sweep.ts'
import type { RenderOptions } from '../table.ts'
import { wrapWords } from '../text.ts'
import { orderedLabels, orderOf, shownFields } from './block.ts'
import type { ComparedRow, Comparison } from './comparison.ts'
import type { Metric } from './metrics.ts'

/** A chart for each transport (and whatever else tells rows apart) over chunk or size. Empty when neither was swept. */
export function comparisonCharts(comparison: Comparison, { width, color }: RenderOptions): readonly string[] {
  const plots = groupBySweep(comparison.rows).flatMap(({ items, field, title }) =>
    field === undefined ? [] : plotsOf(comparison, items, field, title),
  )
  const [first, ...others] = [...plots.filter(each => !each.ceiling), ...plots.filter(each => each.ceiling)]
  if (!first) return []
  if (width < MIN_WIDTH)
    return wrapWords(`No charts: they need ${MIN_WIDTH} columns, this terminal has ${width}.`, width)
  const columns = Math.min(width, MAX_WIDTH)
  const more = plots.length - MAX_CHARTS
  return [
    ...drawSeries(first, columns, color),
    ...others.slice(0, MAX_CHARTS - 1).flatMap(plot => ['', ...drawSeries(plot, columns, color)]),
    ...(more > 0
      ? ['', ...wrapWords(`${more} more charts have no place here; the tables say it.`, width)]
      : []),
  ]
}

function plotsOf(
  comparison: Comparison,
  rows: readonly ComparedRow[],
  field: SweepField,
  group: string,
): readonly Plot[] {
  const { metric } = comparison
  const name = field === 'chunk_bytes' ? 'chunk' : 'size'
  const swept: readonly CellField[] = [field, 'size_bytes', 'chunk_bytes']
  const lines = linesOf(rows, swept)
  return lines.flatMap(line => {
    const xs = sweptValues(line.items, field)
    if (xs.length < 2) return []
    const { ticks, unit } = tickLabels(xs)
    const common = { ticks, xTitle: unit ? `${name} (${unit})` : name }
    const title = (what: string) =>
      `${what} over ${name}${named(comparison, line.name, lines.length)}${group}`
    const over = (pick: (row: ComparedRow, set: number) => number | undefined): readonly Series[] => {
      const labels = orderedLabels(comparison)
      return orderOf(comparison)
        .map((set, place) => ({
          name: labels[place] ?? '',
          values: xs.map(x => {
            const row = line.items.find(each => each.cell[field] === x)
            return row && pick(row, set)
          }),
          refused: xs.map(x =>
            line.items.some(each => each.cell[field] === x && (each.refusals[set]?.refused ?? 0) > 0),
          ),
        }))
        .filter(each => hasValues(each) || each.refused.includes(true))
    }
    const medians = over((row, set) => row.estimates[set]?.median)
    // What only one set has measured is no comparison.
    if (medians.length < 2) return []
    const losses = over((row, set) => row.losses[set]?.ratio)
    const lossy = losses.some(each => each.values.some(value => (value ?? 0) > 0))
    return [
      ...(medians.some(hasValues)
        ? [{ ...common, title: title(`Median ${metric.title}`), series: medians, label: labelOf(metric) }]
        : []),
      ...(lossy ? [{ ...common, title: title('Loss'), series: losses, label: shareLabel, ceiling: 1 }] : []),
    ]
  })
}

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
