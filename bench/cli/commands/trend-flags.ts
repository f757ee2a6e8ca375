/** The flags of `bench trend`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import type { Metric } from '../../../results/compare/metrics.ts'
import { parseSelector, type Selector } from '../../../results/select/selector.ts'
import { METRIC_OPTIONS, parseDelta, parseMetric } from '../metric-flags.ts'
import { type Flags, flag, noFlag, parseInteger, text } from '../options.ts'

const FORMATS = ['table', 'markdown', 'json'] as const
/** As many runs as a chart shows. */
export const USUAL_RUNS = 100

export const TREND_OPTIONS = {
  filter: text('only these rows: "transport=udp-* chunk<=9216 size=800k,1M engine!=node"'),
  ...METRIC_OPTIONS,
  last: text('the most runs of a kind of machine: the last ones', String(USUAL_RUNS)),
  format: { ...text('on standard output', 'table'), choices: FORMATS },
  chart: noFlag('charts of what has changed; --no-chart: without'),
} as const satisfies Record<string, Options>

export interface TrendArguments {
  readonly folder: string
  readonly filter: Selector | undefined
  readonly metric: Metric
  readonly delta: number | undefined
  readonly last: number
  readonly format: (typeof FORMATS)[number]
  readonly chart: boolean
}

export function describeTrend(builder: Argv) {
  return builder
    .positional('folder', {
      type: 'string',
      demandOption: true,
      describe: 'where runs are kept: bench check --history DIR, or bench-results',
    })
    .options(TREND_OPTIONS)
    .example('$0 trend history', 'each case over the runs, and where it changed')
    .example('$0 trend history --filter "tcp chunk=1024" --metric delivery', 'one case, by its delivery time')
    .epilogue(
      'A point is the median of a run. Changes are found by E-divisive means (Matteson & James, 2014) on at least 10 runs; docs/history.md.',
    )
}

/** @throws UsageError */
export function trendArguments(flags: Flags): TrendArguments {
  const format = flag('format', flags['format'], String)
  return {
    folder: String(flags['folder'] ?? ''),
    filter: flag('filter', flags['filter'], each => parseSelector(each)),
    metric: flag('metric', flags['metric'], parseMetric) ?? parseMetric('goodput'),
    delta: flag('delta', flags['delta'], parseDelta),
    last: flag('last', flags['last'], parseInteger(1, 1000)) ?? USUAL_RUNS,
    format: FORMATS.find(each => each === format) ?? 'table',
    chart: flags['chart'] !== false,
  }
}
