/** The course of cases over runs, as charts. */
import { given } from '../../base/given.ts'
import { counted } from '../../base/units.ts'
import { firstCharts } from '../charts/first-charts.ts'
import { MOST_LINES, type SweepLine } from '../document/chart-spec.ts'
import { figureCell, figures, names } from '../document/figures.ts'
import type { Block, Chart } from '../document/model.ts'
import { capital } from '../document/text.ts'
import { describeCell } from '../schema/cells.ts'
import type { CellCourse, Course, Trend } from './trend.ts'
import { fieldsOf, runName } from './words.ts'

/** For a terminal: a chart for each case that has changed. */
export function courseCharts(trend: Trend, course: Course): readonly Block[] {
  const fields = fieldsOf(course)
  const changed = course.cells.filter(({ changes }) => changes.length > 0)
  const charts = changed.map((each, index): Chart => {
    const measured = new Set(each.points.map(point => point.run))
    return {
      id: `course-${index + 1}`,
      title: `${trend.metric.title} over runs: ${describeCell(each.cell, fields)}`,
      spec: specOf(trend, course, [...measured], [lineOf(each, 'median of a run', index)], [each]),
    }
  })
  return firstCharts(
    charts,
    left =>
      `${counted(left, 'more case has', 'more cases have')} changed and have no chart here; choose with --filter.`,
  )
}

/** For a page: all cases in one chart, those that have changed first, with a mark where a level begins. None for fewer than two runs. */
export function trendChart(trend: Trend, course: Course, id: string): readonly Block[] {
  const { metric } = trend
  const { runs } = course
  const known = course.cells.filter(each => each.points.length > 0)
  const shown = known.toSorted((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0))
  const cells = shown.slice(0, MOST_LINES)
  if (runs.length < 2 || cells.length === 0) return []
  const fields = fieldsOf(course)
  const lines = cells.map((each, color) => lineOf(each, describeCell(each.cell, fields), color))
  const left = known.length - cells.length
  const chart: Chart = {
    id,
    kind: 'trend',
    title: capital(`${metric.title} over runs`),
    spec: specOf(trend, course, [...runs.keys()], lines, cells),
    notes: given(
      [
        'Each point is the median of a run, the bar behind it its 95 % interval. Vertical lines mark where a level begins.',
      ],
      left > 0 && [`${counted(left, 'more case has', 'more cases have')} no line here; the table has them.`],
    ),
    table: {
      caption: capital(`${metric.title} over runs, in figures`),
      columns: [...names('run'), ...figures(...lines.map(({ name }) => name))],
      rows: runs.map((run, index) => [
        { text: runName(run), detail: run.startedAt.slice(0, 10) },
        ...lines.map(({ points }) => figureCell(points.find(each => each.x === index)?.y, metric.format)),
      ]),
    },
  }
  return [{ kind: 'chart', chart }]
}

/** `shown`: indexes of the runs on the axis. */
function specOf(
  { metric }: Trend,
  { runs }: Course,
  shown: readonly number[],
  lines: readonly SweepLine[],
  cells: readonly CellCourse[],
): Chart['spec'] {
  const nameAt = (run: number) => (runs[run] ? runName(runs[run]) : '')
  const changed = new Set(
    cells.flatMap(({ points, changes }) => changes.flatMap(each => points[each.point]?.run ?? [])),
  )
  return {
    kind: 'sweep',
    x: {
      title: shown.some(run => runs[run]?.commit !== undefined) ? 'commit' : 'time (UTC)',
      scale: 'steps',
      values: shown,
      labels: shown.map(nameAt),
    },
    y: { title: metric.title, unit: metric.unit },
    lines,
    marks: [...changed].sort((a, b) => a - b).map(run => ({ x: run, text: nameAt(run) })),
  }
}

function lineOf({ points }: CellCourse, name: string, color: number): SweepLine {
  return {
    name,
    color,
    points: points.map(({ run, n, median, interval }) => ({ x: run, y: median, n, ...interval })),
  }
}
