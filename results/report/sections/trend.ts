/** Over commits: the course of each case over kept runs, and where it changed. */
import type { Section } from '../../document/model.ts'
import { trendChart } from '../../history/charts.ts'
import { trendBlocks } from '../../history/document.ts'
import type { Trend } from '../../history/trend.ts'

/** None without a run. */
export function trendSection(trend: Trend): Section | undefined {
  if (trend.courses.length === 0) return undefined
  const blocks = trendBlocks(trend, (course, index) => trendChart(trend, course, `trend-${index + 1}`))
  return { id: 'trend', title: 'Over commits', blocks }
}
