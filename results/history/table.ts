/** The rows of a course. */
import { formatCount } from '../../base/units.ts'
import { fieldHeads } from '../compare/block.ts'
import { figures } from '../document/figures.ts'
import { formatIn } from '../document/format.ts'
import type { Table, TableCell, Tone } from '../document/model.ts'
import { fieldValue, shortenAll } from '../schema/cells.ts'
import type { CellCourse, Course, Trend, TrendPoint } from './trend.ts'
import { changeText, fieldsOf, unitOf } from './words.ts'

/**
 * What names a cell; then how many runs it has, its medians in the first and the last one, how far its level has changed, and all its
 * runs as bars, with what came with a change in its colour.
 */
export function courseTable(trend: Trend, course: Course): Table {
  const { metric } = trend
  const { cells, runs } = course
  const fields = fieldsOf(course)
  const unit = unitOf(metric, course)
  const names = fields.map(field => shortenAll(cells.map(({ cell }) => fieldValue(cell, field))))
  const medianOf = (point: TrendPoint | undefined) =>
    point ? formatIn(point.median, unit, metric.format) : '–'
  return {
    caption: 'Case by case',
    columns: [...fieldHeads(fields), ...figures('runs', 'first', 'last', 'change')],
    rows: cells.map((each, row): readonly TableCell[] => [
      ...names.map(column => ({ text: column[row] ?? '' })),
      { text: formatCount(each.points.length) },
      { text: medianOf(each.points[0]) },
      { text: medianOf(each.points.at(-1)) },
      { text: changeText(trend, each), ...changeTone(trend, each) },
    ]),
    bars: {
      title: 'over the runs',
      rows: cells.map(({ points, changes }) => ({
        values: runs.map((_, run) => points.find(each => each.run === run)?.median),
        tones: changes.map(({ point, verdict }) => ({ from: points[point]?.run ?? 0, tone: TONES[verdict] })),
      })),
    },
  }
}

export const TONES = { better: 'good', worse: 'bad' } as const satisfies Record<string, Tone>

/** By the way it went from the first level to the last. */
function changeTone({ metric }: Trend, { changes, first, last }: CellCourse): { readonly tone?: Tone } {
  if (changes.length === 0 || first === undefined || last === undefined || first === last) return {}
  return { tone: last > first === (metric.better === 'higher') ? 'good' : 'bad' }
}
