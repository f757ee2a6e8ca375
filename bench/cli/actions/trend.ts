/** `bench trend`: shows each case over the runs of a folder, and where it changed. */

import { UsageError } from '../../../base/errors.ts'
import { DELTA } from '../../../results/compare/judge.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { renderTrend, trendMarkdown } from '../../../results/history/document.ts'
import { describeLater, laterRuns, readHistory, toldProblems } from '../../../results/history/history.ts'
import { trendJson } from '../../../results/history/json.ts'
import { type Trend, trendColumns, trendOf } from '../../../results/history/trend.ts'
import type { Selector } from '../../../results/select/selector.ts'
import { USUAL_RUNS } from '../options.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

export interface TrendArguments {
  readonly folder: string
  readonly filter: Selector | undefined
  readonly metric: Metric
  readonly delta: number | undefined
  readonly last: number | undefined
  readonly format: 'table' | 'markdown' | 'json'
  readonly chart: boolean
}

export async function trend(
  terminal: Terminal,
  args: TrendArguments,
  signal: AbortSignal,
): Promise<ExitCode> {
  terminal.out(rendered(await readTrend(args, terminal, signal), args, terminal))
  return EXIT.measured
}

type Asked = Pick<TrendArguments, 'folder' | 'filter' | 'metric'> &
  Partial<Pick<TrendArguments, 'delta' | 'last'>>

/** Reads the trend of a folder, and reports what in it could not be used. @throws UsageError when there is no run, or no folder */
export async function readTrend(
  { folder, filter, metric, delta = DELTA, last = USUAL_RUNS }: Asked,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Trend> {
  const { runs, files, problems } = await readHistory(folder, {
    numbers: trendColumns(metric),
    signal,
    ...(filter ? { filter } : {}),
  })
  const notes = [...toldProblems(problems)]
  if (runs.length === 0 && notes.length > 0)
    throw new UsageError(`no run in ${folder} can be read; ${notes.join('; ')}`)
  if (runs.length === 0 && filter && files > 0)
    throw new UsageError(
      `no run in ${folder} has a trial that matches ${filter.text}; choose others with --filter`,
    )
  if (runs.length === 0)
    throw new UsageError(
      `no runs in ${folder}; bench check --history ${folder} keeps them there, or name another folder with results`,
    )
  const now = new Date()
  const later = describeLater(folder, laterRuns(runs, now), now)
  if (later !== undefined) notes.push(`${later}: a clock was wrong, so their order may be, too`)
  for (const line of notes) terminal.err(`${line}\n`)
  return trendOf(runs, { metric, last, delta })
}

function rendered(trend: Trend, { format, chart }: TrendArguments, { width, color }: Terminal): string {
  switch (format) {
    case 'markdown':
      return trendMarkdown(trend)
    case 'json':
      return trendJson(trend)
    case 'table':
      return renderTrend(trend, { width, color, charts: chart })
  }
}
