/** `bench trend` on the command line. */
import { integer } from '../../../scenarios/settings/grammar.ts'
import { unlessInterrupted } from '../called-off.ts'
import type { Command } from '../command.ts'
import { choice, noFlag, readFlags, text } from '../flags.ts'
import { METRIC_FLAGS, parseMetric } from '../metric-flags.ts'
import { FILTER, USUAL_RUNS } from '../options.ts'

const FLAGS = {
  filter: FILTER,
  ...METRIC_FLAGS,
  last: text(
    'show at most this many runs per kind of machine, the last ones',
    integer(1, 1000).parse,
    String(USUAL_RUNS),
  ),
  format: choice('on standard output', ['table', 'markdown', 'json'], 'table'),
  chart: noFlag('draw charts of what has changed; --no-chart: none'),
}

export const trend: Command = {
  name: 'trend',
  summary: 'show how results developed over kept runs, and where they changed',
  operands: [
    {
      name: 'folder',
      describe: 'folder of kept runs: that of bench check --history, or bench-results',
      needed: true,
    },
  ],
  flags: FLAGS,
  examples: [
    ['$0 trend history', 'show each case over the runs, and where it changed'],
    ['$0 trend history --filter "tcp chunk=1024" --metric delivery', 'show the delivery time of one case'],
  ],
  epilogue:
    'Each point is the median of a run. Changes are found by E-divisive means (Matteson & James, 2014), on at least 10 runs; see docs/history.md.',
  async run({ operands: [folder = ''], flags }, terminal, signal) {
    const given = readFlags(FLAGS, flags)
    const { metric = parseMetric('goodput'), format = 'table' } = given
    const { trend } = await import('../actions/trend.ts')
    return unlessInterrupted(terminal, signal, () =>
      trend(terminal, { ...given, folder, metric, format }, signal),
    )
  },
}
