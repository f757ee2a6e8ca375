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
  last: text('the most runs of a kind of machine: the last ones', integer(1, 1000).parse, String(USUAL_RUNS)),
  format: choice('on standard output', ['table', 'markdown', 'json'], 'table'),
  chart: noFlag('charts of what has changed; --no-chart: without'),
}

export const trend: Command = {
  name: 'trend',
  summary: 'the course over kept runs, and where it changed',
  operands: [
    {
      name: 'folder',
      describe: 'where runs are kept: bench check --history DIR, or bench-results',
      needed: true,
    },
  ],
  flags: FLAGS,
  examples: [
    ['$0 trend history', 'each case over the runs, and where it changed'],
    ['$0 trend history --filter "tcp chunk=1024" --metric delivery', 'one case, by its delivery time'],
  ],
  epilogue:
    'A point is the median of a run. Changes are found by E-divisive means (Matteson & James, 2014) on at least 10 runs; docs/history.md.',
  async run({ operands: [folder = ''], flags }, terminal, signal) {
    const given = readFlags(FLAGS, flags)
    const { metric = parseMetric('goodput'), format = 'table' } = given
    const { trend } = await import('../actions/trend.ts')
    return unlessInterrupted(terminal, signal, () =>
      trend(terminal, { ...given, folder, metric, format }, signal),
    )
  },
}
