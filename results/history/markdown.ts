/** A trend as GitHub Markdown, for the summary of a step or a page. */

import { escaped, pipeTable } from '../compare/markdown.ts'
import { describeCell } from '../schema/cells.ts'
import { sparkline } from './sparkline.ts'
import { courseColumns } from './table.ts'
import type { Trend } from './trend.ts'
import { changeSentences, commonText, fieldsOf, machineText, notesOf, titleOfCourse } from './words.ts'

/** Bars that a table on a page has room for. */
const BARS = 30

export function trendMarkdown(trend: Trend): string {
  const parts = trend.courses.flatMap(course => {
    const fields = fieldsOf(course)
    const bars = course.cells.map(({ points }) =>
      sparkline(
        course.runs.map((_, run) => points.find(each => each.run === run)?.median),
        BARS,
      )
        .map(({ glyph }) => (glyph === ' ' ? '·' : glyph))
        .join(''),
    )
    const changes = course.cells.flatMap(each =>
      each.changes.map(
        change =>
          `- **${escaped(describeCell(each.cell, fields))}** ${changeSentences(trend, each, change).map(escaped).join(' ')}`,
      ),
    )
    return [
      `### ${escaped(titleOfCourse(trend, course))}`,
      [machineText(course), commonText(course)].map(escaped).join('  \n'),
      pipeTable([...courseColumns(trend, course), { title: 'over the runs', align: 'left', cells: bars }]),
      changes.join('\n'),
      notesOf(trend, course).map(escaped).join(' '),
    ]
  })
  return `${parts.filter(Boolean).join('\n\n').replaceAll('\u00a0', ' ')}\n`
}
