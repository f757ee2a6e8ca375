/** Results on a terminal: after a run, and of files. */
import { renderCharts } from '../../results/charts/screen.ts'
import { answerBlock, answersOf } from '../../results/compare/answer.ts'
import { underLoadBlocks } from '../../results/compare/under-load.ts'
import type { RenderOptions } from '../../results/document/model.ts'
import { searchBlocks } from '../../results/document/search-table.ts'
import { renderTable } from '../../results/document/table.ts'
import { renderBlocks } from '../../results/document/terminal.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import type { OverTime } from '../../results/statistics/over-time.ts'
import type { CaseSummary } from '../../results/statistics/summary.ts'
import type { Warning } from '../../results/warnings/warning.ts'
import { renderWarnings } from '../../results/warnings/warnings.ts'

interface Results {
  /** How it was measured, as far as it is known. */
  readonly manifests: readonly Manifest[]
  readonly records: readonly TrialRecord[]
  readonly summaries: readonly CaseSummary[]
  readonly warnings: readonly Warning[]
  readonly overTime?: OverTime | undefined
}

/** The answer, table, latency under load, charts and warnings, as far as there are any; ends with a line break. */
export function renderResults(
  { manifests, records, summaries, warnings, overTime }: Results,
  chart: boolean,
  options: RenderOptions,
): string {
  const searched = searchBlocks(summaries, manifests)
  const texts = [
    // Its trials are at rates that it chose: what they say of the transports is the rates that it found.
    ...(searched.length > 0
      ? [renderBlocks(searched, options)]
      : [
          renderBlocks(answersOf(records).map(answerBlock), options),
          renderTable(summaries, options, notesOf(manifests)),
        ]),
    renderBlocks(underLoadBlocks(records), options),
    chart ? renderCharts(summaries, options, overTime) : '',
    renderWarnings(warnings, options),
  ]
  return `${texts
    .map(text => text.trimEnd())
    .filter(Boolean)
    .join('\n\n')}\n`
}

/** What `--note` says of each run. */
function notesOf(manifests: readonly Manifest[]): readonly string[] {
  return [...new Set(manifests.flatMap(({ note }) => note ?? []))]
}
