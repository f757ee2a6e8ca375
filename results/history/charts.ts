/** The course of what changed, as charts. */
import { counted } from '../../base/units.ts'
import { MAX_CHARTS, MAX_WIDTH, MIN_WIDTH } from '../charts/pictures.ts'
import { drawPlot } from '../charts/plot.ts'
import { labelOf } from '../compare/charts.ts'
import type { RenderOptions } from '../document/model.ts'
import { wrapWords } from '../document/text.ts'
import { describeCell } from '../schema/cells.ts'
import type { Course, Trend } from './trend.ts'
import { fieldsOf, runName } from './words.ts'

/** A chart for each cell that has changed, the most of them that a few screens hold; an empty line between them. */
export function courseCharts(
  { metric }: Trend,
  course: Course,
  { width, color }: RenderOptions,
): readonly string[] {
  const changed = course.cells.filter(each => each.changes.length > 0)
  if (changed.length === 0) return []
  if (width < MIN_WIDTH)
    return wrapWords(`No charts: they need ${MIN_WIDTH} columns, this terminal has ${width}.`, width)
  const fields = fieldsOf(course)
  const charts = changed.slice(0, MAX_CHARTS).map(({ cell, points, changes }) =>
    drawPlot(
      {
        title: `${metric.title} over runs: ${describeCell(cell, fields)}`,
        series: [{ name: 'median of a run', values: points.map(point => point.median) }],
        ticks: points.map(runName),
        xTitle: points.some(point => point.commit !== undefined) ? 'commit' : 'time (UTC)',
        label: labelOf(metric),
        changes: points.map((_, index) => changes.some(each => each.point === index)),
      },
      Math.min(width, MAX_WIDTH),
      color,
    ),
  )
  const more = changed.length - charts.length
  return [
    ...charts.flatMap((lines, index) => (index > 0 ? ['', ...lines] : lines)),
    ...(more > 0
      ? [
          '',
          ...wrapWords(
            `${counted(more, 'more case has', 'more cases have')} changed without a chart here; choose with --filter.`,
            width,
          ),
        ]
      : []),
  ]
}
