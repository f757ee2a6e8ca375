/** All charts of a report, in the order in which they are read. */
import type { Chart } from '../document/model.ts'
import { type Case, colorBook, namedLines } from './case.ts'
import { trialsChart } from './course.ts'
import { goodputCharts, lossCharts } from './measures.ts'
import { causesChart, phasesChart } from './parts.ts'

/** Those for which there is something to draw. */
export function chartsOf(cases: readonly Case[]): readonly Chart[] {
  const colors = colorBook()
  // The colours go by the whole report, whatever the first chart leaves out.
  namedLines(cases, colors)
  return [
    ...goodputCharts(cases, colors),
    ...lossCharts(cases, colors),
    ...causesChart(cases, colors),
    ...phasesChart(cases, colors),
    ...trialsChart(cases, colors),
  ]
}
