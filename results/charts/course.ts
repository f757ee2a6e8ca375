/** Every trial, in the order in which they ran. */
import { ascending, groupBy } from '../../base/groups.ts'
import { formatCount } from '../../base/units.ts'
import type { CourseLine } from '../document/chart-spec.ts'
import type { Chart } from '../document/model.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { brief, type Case, type Colors, families, pointsEach, sampled } from './case.ts'
import { spreadTable } from './spread.ts'

/**
 * Goodput trial by trial. If a line stands for several cases, each trial is a share of the median of its case, so that drift shows
 * whatever the sizes. None for fewer than two trials.
 */
export function trialsChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const lines = families(cases, colors)
  const relative = lines.some(line => line.cases.length > 1)
  const orders = new Map([...groupBy(cases, each => each.file)].map(([file, all]) => [file, orderOf(all)]))
  const all = lines
    .map(({ name, color, cases }): CourseLine => {
      const trials = cases.flatMap(each => trialsOf(each, orders.get(each.file), relative))
      return { name, color, trials: trials.sort((a, b) => a[0] - b[0]) }
    })
    .filter(line => line.trials.length > 0)
  const most = pointsEach(lines.length)
  const drawn = all.map(line => ({ ...line, trials: sampled(line.trials, most, ([, value]) => value) }))
  const [count, shown] = [all, drawn].map(each => each.reduce((sum, line) => sum + line.trials.length, 0))
  if (count === undefined || shown === undefined || count < 2) return []
  const unit = relative ? 'share' : 'rate'
  return [
    {
      id: 'trials',
      kind: 'trials',
      title: relative ? 'Trial by trial, against the median of its case' : 'Goodput, trial by trial',
      spec: {
        kind: 'course',
        x: { title: 'position in the run', unit: 'count' },
        y: { title: relative ? 'share of the median' : 'goodput', unit },
        lines: drawn,
      },
      notes: [
        [
          relative
            ? 'Goodput of each trial as a share of the median of its own case, in the order in which they ran.'
            : 'In the order in which they ran.',
          ' A slope is drift; two levels are two ways of running, such as one CPU or two.',
          shown < count
            ? ` ${formatCount(shown)} of ${formatCount(count)} trials are drawn, evenly chosen.`
            : '',
        ],
      ],
      table: spreadTable(
        'Spread of the trials, in figures',
        all.map(({ name, trials }) => ({ name, values: trials.map(([, value]) => value) })),
        unit,
      ),
    },
  ]
}

function trialsOf(
  { records, goodput }: Case,
  order: ReturnType<typeof orderOf> | undefined,
  relative: boolean,
): CourseLine['trials'] {
  const scale = relative ? goodput?.medianBps : 1
  if (!scale) return []
  return records.flatMap((record): CourseLine['trials'] => {
    const { goodput_bps: value, round } = record
    if (value === undefined) return []
    return [[order?.(record) ?? 0, relative ? Math.round((value / scale) * 1e4) / 1e4 : brief(value), round]]
  })
}

/** Positions of the trials of a file: those of a later run follow those of earlier runs. */
function orderOf(cases: readonly Case[]): (record: TrialRecord) => number {
  const runs = groupBy(
    cases.flatMap(each => each.records),
    each => each.run_id,
  )
  const starts = new Map<string, number>()
  let start = 0
  // Run ids begin with the time.
  for (const [run, records] of [...runs].sort(([x], [y]) => ascending(x, y))) {
    starts.set(run, start)
    start += records.reduce((last, { trial }) => Math.max(last, trial), 0)
  }
  return ({ run_id, trial }) => (starts.get(run_id) ?? 0) + trial
}
