/** All charts of a report, in reading order. */
import type { Chart } from '../document/model.ts'
import { type Case, colorBook } from './case.ts'
import { trialsChart } from './course.ts'
import { distributionChart } from './distribution.ts'
import { latencyCharts } from './latency.ts'
import { measureCharts, sweepsOf } from './measure-charts.ts'
import { GOODPUT, LOSS, ON_TIME } from './measures.ts'
import { causesChart, phasesChart } from './parts.ts'
import { timeCharts } from './time.ts'

/** Only charts with something to draw. */
export function chartsOf(cases: readonly Case[]): readonly Chart[] {
  const colors = colorBook(cases)
  const lossy = cases.some(each => (each.loss?.lost ?? 0) > 0)
  return [
    ...measureCharts(GOODPUT, cases, colors),
    ...timeCharts(cases, colors),
    ...latencyCharts(cases, colors),
    ...sweepsOf(ON_TIME, cases, colors),
    ...(lossy ? measureCharts(LOSS, cases, colors) : []),
    ...causesChart(cases, colors),
    ...phasesChart(cases, colors),
    ...distributionChart(cases, colors),
    ...trialsChart(cases, colors),
  ]
}
