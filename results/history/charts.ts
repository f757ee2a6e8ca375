/** The course of what changed, as charts. */
import { counted } from '../../base/units.ts'
import { drawPlots } from '../charts/pictures.ts'
import { labelOf } from '../compare/charts.ts'
import type { RenderOptions } from '../document/model.ts'
import { describeCell } from '../schema/cells.ts'
import type { Course, Trend } from './trend.ts'
import { fieldsOf, runName } from './words.ts'

/** A chart for each cell that has changed. */
export function courseCharts({ metric }: Trend, course: Course, options: RenderOptions): readonly string[] {
  const fields = fieldsOf(course)
  const plots = course.cells
    .filter(({ changes }) => changes.length > 0)
    .map(({ cell, points, changes }) => ({
      title: `${metric.title} over runs: ${describeCell(cell, fields)}`,
      series: [{ name: 'median of a run', values: points.map(point => point.median) }],
      ticks: points.map(runName),
      xTitle: points.some(point => point.commit !== undefined) ? 'commit' : 'time (UTC)',
      label: labelOf(metric),
      changes: points.map((_, index) => changes.some(each => each.point === index)),
    }))
  return drawPlots(
    plots,
    left =>
      `${counted(left, 'more case has', 'more cases have')} changed without a chart here; choose with --filter.`,
    options,
  )
}
