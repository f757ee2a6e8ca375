/** All charts of a report, in reading order. */
import type { Chart } from '../document/model.ts'
import { type Case, colorBook, namedLines } from './case.ts'
import { trialsChart } from './course.ts'
import { goodputCharts, lossCharts } from './measures.ts'
import { causesChart, phasesChart } from './parts.ts'

/** Only charts with something to draw. */
export function chartsOf(cases: readonly Case[]): readonly Chart[] {
  const colors = colorBook()
  // Assigns the colours before the first chart, which may leave lines out.
  namedLines(cases, colors)
  return [
    ...goodputCharts(cases, colors),
    ...lossCharts(cases, colors),
    ...causesChart(cases, colors),
    ...phasesChart(cases, colors),
    ...trialsChart(cases, colors),
  ]
}
