/** `bench trend`: shows each case over the runs of a folder, and where it changed. */
import { UsageError } from '../../../base/errors.ts'
import { DELTA } from '../../../results/compare/judge.ts'
import { USUAL_METRICS, usualMetric } from '../../../results/compare/metrics.ts'
import { renderTrend, trendMarkdown } from '../../../results/history/document.ts'
import { describeLater, laterRuns, readHistory, toldProblems } from '../../../results/history/history.ts'
import { trendJson } from '../../../results/history/json.ts'
import { type Trend, trendColumns, trendOf } from '../../../results/history/trend.ts'
import { hasValues } from '../../../results/read/trial-set.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import type { Command, Context } from '../command.ts'
import { choice, type FlagValues, noFlag, readFlags, usually } from '../flags.ts'
import { METRIC_FLAGS } from '../metric-flags.ts'
import { FILTER } from '../options.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  filter: FILTER,
  ...METRIC_FLAGS,
  last: usually(
    'show at most this many runs per kind of machine, the last ones',
    integer(1, 1000).parse,
    '100',
  ),
  format: choice('on standard output', ['table', 'markdown', 'json'], 'table'),
  chart: noFlag('draw charts of what has changed; --no-chart: none'),
}

export const trend: Command = {
  flags: FLAGS,
  examples: [
    ['$0 trend history', 'show each case over the runs, and where it changed'],
    ['$0 trend history --filter "tcp chunk=1024" --metric delivery', 'show the delivery time of one case'],
  ],
  epilogue:
    'Each point is the median of a run. Changes are found by E-divisive means (Matteson & James, 2014), on at least 10 runs; see docs/history.md.',
  before: 'everything was read',
  async run({ operands: [folder = ''], flags }, context) {
    const { format, chart, ...asked } = readFlags(FLAGS, flags)
    const found = await readTrend(folder, asked, context)
    const { terminal } = context
    if (format === 'markdown') terminal.data(trendMarkdown(found))
    else if (format === 'json') terminal.data(trendJson(found))
    else terminal.out(renderTrend(found, { ...terminal, charts: chart }))
    return EXIT.measured
  },
}

/**
 * Reads the trend of a folder, and reports what in it could not be used.
 * @param asked what the flags leave open is as without them @throws UsageError when there is no run, or no folder
 */
export async function readTrend(
  folder: string,
  asked: Partial<FlagValues<typeof FLAGS>>,
  { terminal, signal }: Context,
): Promise<Trend> {
  const { filter, metric: chosen, delta = DELTA, last } = { ...readFlags(FLAGS, {}), ...asked }
  const { runs, files, problems } = await readHistory(folder, {
    numbers: trendColumns(...(chosen ? [chosen] : USUAL_METRICS)),
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
  const metric = chosen ?? usualMetric(column => runs.some(set => hasValues(set, column)))
  return trendOf(runs, { metric, last, delta })
}
