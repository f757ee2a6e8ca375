/** Over commits: the course of each case over kept runs, and where it changed. */

import { counted } from '../../../base/units.ts'
import type { SweepLine } from '../../document/chart-spec.ts'
import type { Chart, Section } from '../../document/model.ts'
import { capital } from '../../document/text.ts'
import { trendBlocks } from '../../history/document.ts'
import type { CellCourse, Course, Trend, TrendRun } from '../../history/trend.ts'
import { fieldsOf, runName } from '../../history/words.ts'
import { describeCell } from '../../schema/cells.ts'
import { unitOf } from '../../schema/columns.ts'

/** Lines that can be told from each other; what has changed comes first. */
const MOST_LINES = 6

/** None without a run. */
export function trendSection(trend: Trend): Section | undefined {
  if (trend.courses.length === 0) return undefined
  const charts = (course: Course, index: number) => {
    const chart = chartOf(trend, course, `trend-${index + 1}`)
    return chart ? [{ kind: 'chart', chart } as const] : []
  }
  return { id: 'trend', title: 'Over commits', blocks: trendBlocks(trend, charts) }
}

/** Medians of the runs and their intervals; an upright line where a level begins. None for fewer than two runs. */
function chartOf(trend: Trend, course: Course, id: string): Chart | undefined {
  const { metric } = trend
  const { runs } = course
  const known = course.cells.filter(each => each.points.length > 0)
  const shown = known.toSorted((a, b) => Number(b.changes.length > 0) - Number(a.changes.length > 0))
  const cells = shown.slice(0, MOST_LINES)
  if (runs.length < 2 || cells.length === 0) return undefined
  const fields = fieldsOf(course)
  const nameOf = (each: CellCourse) => describeCell(each.cell, fields)
  const changed = new Set(
    cells.flatMap(({ points, changes }) => changes.flatMap(each => points[each.point]?.run ?? [])),
  )
  const unit = unitOf(metric.column) === 'bit/s' ? ('rate' as const) : ('ms' as const)
  const left = known.length - cells.length
  return {
    id,
    kind: 'trend',
    title: capital(`${metric.title} over runs`),
    spec: {
      kind: 'sweep',
      x: {
        title: runs.some(run => run.commit !== undefined) ? 'commit' : 'time (UTC)',
        scale: 'steps',
        values: runs.map((_, index) => index),
        labels: runs.map(runName),
      },
      y: { title: metric.title, unit, log: false },
      lines: cells.map((each, color) => lineOf(each, nameOf(each), color)),
      marks: [...changed].sort((a, b) => a - b).map(run => ({ x: run, text: nameAt(runs, run) })),
    },
    notes: [
      [
        'Each point is the median of a run, the bar behind it its 95 % interval. Upright lines are where a level begins.',
      ],
      ...(left > 0
        ? [[`${counted(left, 'more case has', 'more cases have')} no line here; the table has them.`]]
        : []),
    ],
    table: {
      caption: capital(`${metric.title} over runs, in figures`),
      columns: [
        { title: 'run', align: 'left' },
        ...cells.map(each => ({ title: nameOf(each), align: 'right' as const })),
      ],
      rows: runs.map((run, index) => [
        { text: runName(run), detail: run.startedAt.slice(0, 10) },
        ...cells.map(({ points }) => {
          const point = points.find(each => each.run === index)
          return point ? { text: metric.format(point.median), value: point.median } : { text: '–' }
        }),
      ]),
    },
  }
}

function lineOf({ points }: CellCourse, name: string, color: number): SweepLine {
  return {
    name,
    color,
    points: points.map(({ run, n, median, interval }) => ({ x: run, y: median, n, ...interval })),
    trials: [],
    refused: [],
  }
}

function nameAt(runs: readonly TrendRun[], index: number): string {
  const run = runs[index]
  return run ? runName(run) : ''
}
