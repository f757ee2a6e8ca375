/** `bench trend`: the course of each case over the runs of a folder, and where it changed. */
import { readHistory } from '../../results/history/history.ts'
import { trendJson } from '../../results/history/json.ts'
import { trendMarkdown } from '../../results/history/markdown.ts'
import { renderTrend } from '../../results/history/text.ts'
import { type Trend, trendOf } from '../../results/history/trend.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import type { TrendArguments } from './trend-flags.ts'

export async function trend(terminal: Terminal, args: TrendArguments): Promise<ExitCode> {
  const { folder, filter, metric, delta, last } = args
  const { runs, problems } = await readHistory(folder, {
    numbers: [metric.column],
    ...(filter ? { filter } : {}),
  })
  for (const { message } of problems) terminal.err(`${message}\n`)
  if (runs.length === 0)
    throw new UsageError(
      `no runs in ${folder}; bench check --history ${folder} keeps them there, or name another folder with results`,
    )
  terminal.out(
    rendered(trendOf(runs, { metric, last, ...(delta === undefined ? {} : { delta }) }), args, terminal),
  )
  return EXIT.measured
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
