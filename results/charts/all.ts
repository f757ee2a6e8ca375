/** All charts of a report, in reading order. */
import type { Chart } from '../document/model.ts'
import { type Case, colorBook } from './case.ts'
import { trialsChart } from './course.ts'
import { distributionChart } from './distribution.ts'
import { hostsChart } from './hosts.ts'
import { latencyCharts } from './latency.ts'
import { measureCharts, sweepsOf } from './measure-charts.ts'
import { GOODPUT, type Measure, ON_TIME, withBounds } from './measures.ts'
import { causesChart, phasesChart } from './parts.ts'
import { timeCharts } from './time.ts'

/** Only charts with something to draw. */
/** @param bounds that a search found */
export function chartsOf(cases: readonly Case[], bounds?: Measure['bounds']): readonly Chart[] {
  const colors = colorBook(cases)
  const lossy = cases.some(each => (each.loss?.lost ?? 0) > 0)
  return [
    ...hostsChart(cases),
    ...measureCharts(GOODPUT, cases, colors),
    ...timeCharts(cases, colors),
    ...latencyCharts(cases, colors),
    ...sweepsOf(ON_TIME, cases, colors),
    ...(lossy ? measureCharts(withBounds(bounds), cases, colors) : []),
    ...causesChart(cases, colors),
    ...phasesChart(cases, colors),
    ...distributionChart(cases, colors),
    ...trialsChart(cases, colors),
  ]
}
