/** Shows results on the screen: table, charts and warnings, all from the same summaries. */
import { renderCharts } from '../../results/charts/screen.ts'
import { renderTable } from '../../results/document/table.ts'
import type { CaseSummary } from '../../results/statistics/summary.ts'
import { renderWarnings, type Warning } from '../../results/warnings/warnings.ts'
import type { Terminal } from './terminal.ts'

export function showResults(
  terminal: Terminal,
  summaries: readonly CaseSummary[],
  warnings: readonly Warning[],
  { chart, quiet }: { readonly chart: boolean; readonly quiet: boolean },
): void {
  if (summaries.length === 0) return
  const options = { width: terminal.width, color: terminal.color }
  const charts = chart && !quiet ? renderCharts(summaries, options) : ''
  const texts = [renderTable(summaries, options), charts, renderWarnings(warnings, options)]
  terminal.out(`${texts.filter(text => text !== '').join('\n\n')}\n`)
}

export function showWarnings(
  say: (text: string) => void,
  { width }: Terminal,
  warnings: Parameters<typeof renderWarnings>[0],
): void {
  const text = renderWarnings(warnings, { width, color: false })
  if (text !== '') say(`${text}\n`)
}
