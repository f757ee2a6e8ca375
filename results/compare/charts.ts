/** A comparison as charts: the metric, and loss where there was any, over what was swept; a line for each set. */
import { counted } from '../../base/units.ts'
import { firstCharts } from '../charts/first-charts.ts'
import { groupBySweep, linesOf, type Sweep, spansDecades, sweepAxis, sweptValue } from '../charts/sweep.ts'
import type { SweepLine, SweepSpec } from '../document/chart-spec.ts'
import type { Block, Chart } from '../document/model.ts'
import { type CellField, titleOfField } from '../schema/cells.ts'
import { orderedLabels, orderOf, shownFields } from './block.ts'
import type { ComparedRow, Comparison } from './comparison.ts'

/** A chart for each transport (and whatever else distinguishes rows) over chunk or size. Empty if neither was swept. */
export function comparisonCharts(comparison: Comparison): readonly Block[] {
  const pairs = groupBySweep(comparison.rows).flatMap((group, index) =>
    group.field === undefined ? [] : chartsOf(comparison, group, index + 1),
  )
  return firstCharts(
    [...pairs.map(each => each.medians), ...pairs.flatMap(each => each.losses ?? [])],
    left => `${counted(left, 'more chart has', 'more charts have')} no place here; the tables have them.`,
  )
}

/** Of each line of the sweep its medians and, where there was any, its loss. */
function chartsOf(
  comparison: Comparison,
  { items, field, along, title: ofGroup }: Sweep<ComparedRow>,
  number: number,
): readonly { readonly medians: Chart; readonly losses?: Chart }[] {
  const { title, unit } = comparison.metric
  const lines = linesOf(items, along)
  return lines.flatMap((line, index) => {
    const axis = sweepAxis(line.items, field)
    const medians = linesOfSets(comparison, line.items, field, ({ estimates }, set) => {
      const estimate = estimates[set]
      return estimate && { y: estimate.median, n: estimate.n, ...estimate.interval }
    })
    // A line of one set is not a comparison, and one point is not a sweep.
    if (axis.values.length < 2 || medians.length < 2 || medians.every(each => each.points.length === 0))
      return []
    const losses = linesOfSets(comparison, line.items, field, (row, set) => {
      const loss = row.losses[set]
      return loss && { y: loss.ratio, n: loss.trials, ...loss.interval }
    })
    const chartOf = (title: string, y: SweepSpec['y'], drawn: readonly SweepLine[]): Chart => ({
      id: `${y.unit}-${number}-${index + 1}`,
      title: `${title} over ${titleOfField(field)}${named(comparison, line.name, lines.length)}${ofGroup}`,
      spec: { kind: 'sweep', x: axis, y: { ...y, log: spansDecades(drawn) }, lines: drawn },
    })
    const isLossy = losses.some(each => each.points.some(point => point.y > 0))
    return [
      {
        medians: chartOf(`Median ${title}`, { title, unit }, medians),
        ...(isLossy ? { losses: chartOf('Loss', { title: 'loss', unit: 'share', ceiling: 1 }, losses) } : {}),
      },
    ]
  })
}

/** A line for each set that has a value at any of the points, or was refused there. */
function linesOfSets(
  comparison: Comparison,
  rows: readonly ComparedRow[],
  field: CellField,
  pick: (row: ComparedRow, set: number) => Omit<SweepLine['points'][number], 'x'> | undefined,
): readonly SweepLine[] {
  const labels = orderedLabels(comparison)
  return orderOf(comparison)
    .map((set, place) => ({
      name: labels[place] ?? '',
      color: place,
      points: rows.flatMap(row => {
        const point = pick(row, set)
        return point ? [{ x: sweptValue(row.cell, field), ...point }] : []
      }),
      refused: rows.flatMap(row =>
        (row.refusals[set]?.refused ?? 0) > 0 ? [sweptValue(row.cell, field)] : [],
      ),
    }))
    .filter(each => each.points.length > 0 || each.refused.length > 0)
}

/** `, udp-header`: what the chart is of, where there are several. */
function named(comparison: Comparison, line: string, lines: number): string {
  const tellsTransport = shownFields(comparison).includes('transport')
  return lines > 1 || tellsTransport ? `: ${line}` : ''
}
