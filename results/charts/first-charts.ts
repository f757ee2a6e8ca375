/** The charts that a terminal has room for. */
import type { Block, Chart } from '../document/model.ts'

/** More would fill more than a few screens. */
const MOST_CHARTS = 4

/** The first charts as blocks; `more` says how many are left out. */
export function firstCharts(charts: readonly Chart[], more: (left: number) => string): readonly Block[] {
  const left = charts.length - MOST_CHARTS
  return [
    ...charts.slice(0, MOST_CHARTS).map(chart => ({ kind: 'chart', chart }) as const),
    ...(left > 0 ? [{ kind: 'text', text: [more(left)] } as const] : []),
  ]
}
