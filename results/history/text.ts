/** A trend on a terminal. Pure: a model in, text out. */

import picocolors from 'picocolors'
import { counted } from '../../base/units.ts'
import { fits, type GridColumn, gridWidth, layOutGrid, ruleUnder } from '../document/grid.ts'
import type { RenderOptions } from '../document/table.ts'
import { wrapWords } from '../document/text.ts'
import { describeCell } from '../schema/cells.ts'
import { courseCharts } from './charts.ts'
import { sparkline } from './sparkline.ts'
import { courseColumns } from './table.ts'
import type { CellCourse, Course, Trend } from './trend.ts'
import {
  changeSentences,
  changeText,
  commonText,
  fieldsOf,
  machineText,
  notesOf,
  titleOfCourse,
} from './words.ts'

type Colors = ReturnType<typeof picocolors.createColors>

const GAP = 2
/** A course of bars is this wide at least, or not there; and no wider. */
const NARROWEST = 10
const WIDEST = 60

/** For each kind of machine a table with a line a cell, what changed and where, and charts of what changed. */
export function renderTrend(trend: Trend, options: RenderOptions & { readonly charts: boolean }): string {
  const { width, color, charts } = options
  const colors = picocolors.createColors(color)
  const wrap = (text: string, indent = '') => (text === '' ? [] : wrapped(text, width, indent))
  const parts = trend.courses.flatMap(course => [
    [
      ...wrap(titleOfCourse(trend, course)).map(line => colors.bold(line)),
      ...[machineText(course), commonText(course)].flatMap(text => wrap(`  ${text}`, '  ')),
    ],
    table(trend, course, width, colors),
    notesOf(trend, course)
      .flatMap(text => wrap(`  ${text}`, '  '))
      .map(line => colors.dim(line)),
    ...changes(trend, course, width, colors),
    ...(charts ? courseCharts(trend, course, options) : []),
  ])
  return `${[...parts, severalMachines(trend, width)]
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

function severalMachines({ courses }: Trend, width: number): readonly string[] {
  if (courses.length < 2) return []
  return wrapWords(
    `Runs of ${courses.length} kinds of machines (system, kernel, CPU, Node): each has its own course, and none is measured by another.`,
    width,
  )
}

function table(trend: Trend, course: Course, width: number, colors: Colors): readonly string[] {
  const plain = courseColumns(trend, course)
  const painted = plain.map((column, index) => ({
    ...column,
    cells: column.cells.map((text, row) => {
      if (index === 0) return colors.bold(text)
      return column.title === 'change' ? paint(text, trend, course.cells[row], colors) : text
    }),
  }))
  const free = Math.min(WIDEST, width - gridWidth(plain, GAP) - GAP)
  const columns =
    free >= Math.min(NARROWEST, course.runs.length) ? [...painted, bars(course, free, colors)] : painted
  const { head, body } = layOutGrid(columns, GAP)
  if (!fits([...head, ...body], width)) return sentences(trend, course, width, colors)
  return [...[...head, ruleUnder([...head, ...body])].map(line => colors.dim(line)), ...body]
}

/** The runs of each cell; what came with a change is in its colour. */
function bars({ cells, runs }: Course, width: number, colors: Colors): GridColumn {
  return {
    title: 'over the runs',
    align: 'left',
    cells: cells.map(({ points, changes }) => {
      const values = runs.map((_, run) => points.find(each => each.run === run)?.median)
      return sparkline(values, Math.max(width, 1))
        .map(({ glyph, to }) => {
          const change = changes.findLast(each => (points[each.point]?.run ?? 0) < to)
          return change ? colors[change.verdict === 'better' ? 'green' : 'red'](glyph) : glyph
        })
        .join('')
    }),
  }
}

/** By the way it went from the first level to the last. */
function paint(text: string, { metric }: Trend, course: CellCourse | undefined, colors: Colors): string {
  const { first, last, changes = [] } = course ?? {}
  if (changes.length === 0 || first === undefined || last === undefined || first === last) return text
  return last > first === (metric.better === 'higher') ? colors.green(text) : colors.red(text)
}

/** Each cell a sentence: for a terminal that no table fits. */
function sentences(trend: Trend, course: Course, width: number, colors: Colors): readonly string[] {
  const { metric } = trend
  const fields = fieldsOf(course)
  return course.cells.flatMap(each => {
    const [first, last] = [each.points[0], each.points.at(-1)]
    const figures = first && last ? `${metric.format(first.median)} to ${metric.format(last.median)}` : '–'
    const change = changeText(trend, each)
    const [title = '', ...more] = wrapWords(`${describeCell(each.cell, fields)}:`, width, '  ')
    const words = [figures, counted(each.points.length, 'run'), ...(change ? [`change ${change}`] : [])]
    return [
      ...[title, ...more].map(line => colors.bold(line)),
      ...wrapWords(`  ${words.join(', ')}`, width, '  '),
    ]
  })
}

/** A paragraph a change. */
function changes(
  trend: Trend,
  course: Course,
  width: number,
  colors: Colors,
): readonly (readonly string[])[] {
  const fields = fieldsOf(course)
  return course.cells.flatMap(each =>
    each.changes.map(change => {
      const [what = '', ...more] = changeSentences(trend, each, change)
      const color = colors[change.verdict === 'better' ? 'green' : 'red']
      return [
        ...wrapped(`${describeCell(each.cell, fields)} ${what}`, width, '  ').map(line => color(line)),
        ...more.flatMap(text => wrapped(`  ${text}`, width, '  ')),
      ]
    }),
  )
}

/** No-break spaces have done their work when the lines are made. */
function wrapped(text: string, width: number, indent: string): readonly string[] {
  return wrapWords(text, width, indent).map(line => line.replaceAll('\u00a0', ' '))
}
