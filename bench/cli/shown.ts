/** Results on a terminal: after a run, and of files. */
import { given } from '../../base/given.ts'
import { renderCharts } from '../../results/charts/screen.ts'
import { answerBlock, answersOf } from '../../results/compare/answer.ts'
import { pathAnswers } from '../../results/compare/path-answers.ts'
import { underLoadBlocks } from '../../results/compare/under-load.ts'
import { hostMatrixBlocks } from '../../results/document/host-matrix.ts'
import type { RenderOptions } from '../../results/document/model.ts'
import { pathBlocks } from '../../results/document/path-table.ts'
import { probeBlocks } from '../../results/document/probe-table.ts'
import { boundMarks, casesAtBounds, searchBlocks } from '../../results/document/search-table.ts'
import { renderTable } from '../../results/document/table.ts'
import { renderBlocks } from '../../results/document/terminal.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import type { OverTime } from '../../results/statistics/over-time.ts'
import type { CaseSummary } from '../../results/statistics/summary.ts'
import type { Warning } from '../../results/warnings/warning.ts'
import { findWarnings, renderWarnings } from '../../results/warnings/warnings.ts'
import type { Context } from './command.ts'
import type { RunArguments } from './run-flags.ts'
import type { Session } from './session.ts'

/** Ends a session with what its rows say. */
export async function showResults(
  session: Session,
  { chart, quiet }: Pick<RunArguments, 'chart' | 'quiet'>,
  { terminal: { width, color } }: Pick<Context, 'terminal'>,
): Promise<void> {
  const { summaries, warnings } = await session.finish()
  const { records, overTime, manifest } = session
  if (summaries.length === 0) return
  const results = { manifests: given(manifest), records, summaries, warnings, overTime }
  session.show(renderResults(results, chart && !quiet, { width, color }))
}

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
  const probed = probeBlocks(records, manifests)
  // Its datagrams are refused and lost on purpose.
  if (probed.length > 0) return renderBlocks(probed, options)
  const paths = pathAnswers(records)
  const searched = searchBlocks(summaries, manifests)
  const hosts = hostMatrixBlocks(summaries, manifests)
  const texts = [
    // Its trials are at rates that it chose: what they say of the transports is the rates that it found.
    ...(searched.length + hosts.length > 0
      ? [renderBlocks([...searched, ...hosts], options)]
      : [
          renderBlocks(
            paths.length > 0 ? [...pathBlocks(summaries), ...paths] : answersOf(records).map(answerBlock),
            options,
          ),
          renderTable(summaries, options, notesOf(manifests)),
        ]),
    renderBlocks(underLoadBlocks(records), options),
    chart ? renderCharts(summaries, options, overTime, boundMarks(summaries, manifests)) : '',
    renderWarnings(searched.length > 0 ? ofSearch(warnings, summaries, manifests) : warnings, options),
  ]
  return `${texts
    .map(text => text.trimEnd())
    .filter(Boolean)
    .join('\n\n')}\n`
}

/** It has few trials at each rate, and sends more than its sender can: what matters is what failed, and what was lost at the bounds. */
function ofSearch(
  warnings: readonly Warning[],
  summaries: readonly CaseSummary[],
  manifests: readonly Manifest[],
): readonly Warning[] {
  return [
    ...warnings.filter(({ code }) => code === 'trial-failed' || code === 'trial-timed-out'),
    ...findWarnings(casesAtBounds(summaries, manifests)).filter(
      ({ code }) => code.startsWith('loss') || code === 'relay-late',
    ),
  ]
}

/** What `--note` says of each run. */
function notesOf(manifests: readonly Manifest[]): readonly string[] {
  return [...new Set(manifests.flatMap(({ note }) => note ?? []))]
}
