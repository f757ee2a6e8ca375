/** The rows of a course, before they are laid out. */
import { formatCount } from '../../base/units.ts'
import { fieldHeads } from '../compare/block.ts'
import { formatValue } from '../compare/words.ts'
import type { GridColumn } from '../document/grid.ts'
import { fieldValue, shortenAll } from '../schema/cells.ts'
import type { CellCourse, Course, Trend, TrendPoint } from './trend.ts'
import { changeText, fieldsOf, unitOf } from './words.ts'

/** What names a cell; then how many runs it has, its medians in the first and the last one, and how far its level has changed. */
export function courseColumns(trend: Trend, course: Course): readonly GridColumn[] {
  const { metric } = trend
  const fields = fieldsOf(course)
  const unit = unitOf(metric, course)
  const heads = fieldHeads(fields)
  const column = (title: string, text: (cell: CellCourse) => string): GridColumn => ({
    title,
    align: 'right',
    cells: course.cells.map(text),
  })
  const medianOf = (point: TrendPoint | undefined) => (point ? formatValue(point.median, metric, unit) : '–')
  return [
    ...fields.map((field, index) => ({
      title: heads[index]?.title ?? '',
      align: heads[index]?.align ?? ('left' as const),
      cells: shortenAll(course.cells.map(({ cell }) => fieldValue(cell, field))),
    })),
    column('runs', ({ points }) => formatCount(points.length)),
    column('first', ({ points }) => medianOf(points[0])),
    column('last', ({ points }) => medianOf(points.at(-1))),
    column('change', each => changeText(trend, each)),
  ]
}
