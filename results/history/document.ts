/** A trend as blocks, whatever shows them: a terminal, Markdown, or a section of a report. */
import { given } from '../../base/given.ts'
import { blocksMarkdown } from '../document/markdown.ts'
import type { Block, RenderOptions } from '../document/model.ts'
import { renderBlocks } from '../document/terminal.ts'
import { describeCell } from '../schema/cells.ts'
import { courseCharts } from './charts.ts'
import { courseTable, TONES } from './table.ts'
import type { Course, Trend } from './trend.ts'
import { changeSentences, commonText, fieldsOf, machineText, notesOf, titleOfCourse } from './words.ts'

/** For each kind of machine a table with a line a cell, what changed and where, and `chartsOf` it. */
export function trendBlocks(
  trend: Trend,
  chartsOf: (course: Course, index: number) => readonly Block[] = () => [],
): readonly Block[] {
  const { courses } = trend
  return given(
    ...courses.flatMap((course, index) => [...courseBlocks(trend, course), ...chartsOf(course, index)]),
    courses.length > 1 && {
      kind: 'text' as const,
      text: [
        `Runs of ${courses.length} kinds of machines (system, kernel, CPU, Node): each has its own course and is compared only with itself.`,
      ],
    },
  )
}

function courseBlocks(trend: Trend, course: Course): readonly Block[] {
  const fields = fieldsOf(course)
  return [
    {
      kind: 'heading',
      text: [titleOfCourse(trend, course)],
      common: [machineText(course), commonText(course)],
    },
    { kind: 'table', table: courseTable(trend, course) },
    { kind: 'legend', lines: notesOf(trend, course) },
    {
      kind: 'findings',
      items: course.cells.flatMap(each =>
        each.changes.map(change => {
          const [what = '', ...more] = changeSentences(trend, course, each, change)
          const name = { strong: describeCell(each.cell, fields) }
          return { text: [name, ` ${what}`], tone: TONES[change.verdict], more }
        }),
      ),
    },
  ]
}

/** On a terminal; with charts of what changed where they are asked for. */
export function renderTrend(trend: Trend, options: RenderOptions & { readonly charts: boolean }): string {
  const blocks = trendBlocks(trend, course => (options.charts ? courseCharts(trend, course) : []))
  return renderBlocks(blocks, options)
}

/** As GitHub Markdown, for the summary of a step or a page. */
export function trendMarkdown(trend: Trend): string {
  return blocksMarkdown(trendBlocks(trend))
}
