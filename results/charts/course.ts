/** Every trial, in the order in which they ran. */
import { formatCount } from '../../base/units.ts'
import type { CourseLine } from '../document/chart-spec.ts'
import { formatValue } from '../document/chart-units.ts'
import type { Chart, TableCell } from '../document/model.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { quantile } from '../statistics/quantiles.ts'
import { brief, type Case, type Colors, figuresTable, namedLines, pointsEach, sampled } from './case.ts'

/**
 * Goodput trial by trial. If a line stands for several cases, each trial is a share of the median of its case, so that drift shows
 * whatever the sizes. None for fewer than two trials.
 */
export function trialsChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const lines = namedLines(cases, colors)
  const relative = lines.some(line => line.cases.length > 1)
  const orders = new Map([...new Set(cases.map(each => each.file))].map(file => [file, orderOf(cases, file)]))
  const all = lines.map(line => ({
    name: line.name,
    color: line.color,
    trials: line.cases
      .flatMap(each => trialsOf(each, orders.get(each.file) ?? (() => 0), relative))
      .sort((a, b) => a[0] - b[0]),
  }))
  const most = pointsEach(lines.length)
  const drawn: readonly CourseLine[] = all
    .filter(line => line.trials.length > 0)
    .map(line => ({ ...line, trials: sampled(line.trials, most, ([, value]) => value) }))
  const count = all.reduce((sum, line) => sum + line.trials.length, 0)
  const shown = drawn.reduce((sum, line) => sum + line.trials.length, 0)
  if (count < 2) return []
  const unit = relative ? ('share' as const) : ('rate' as const)
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
      table: figuresTable({
        caption: 'Spread of the trials, in figures',
        columns: [
          { title: 'line', align: 'left' },
          ...['least', '25 %', 'median', '75 %', 'largest', 'trials'].map(title => ({
            title,
            align: 'right' as const,
          })),
        ],
        rows: all
          .filter(line => line.trials.length > 0)
          .map(line => [
            { text: line.name },
            ...[0, 0.25, 0.5, 0.75, 1].map((p): TableCell => {
              const value = quantile(
                line.trials.map(each => each[1]),
                p,
              )
              return value === undefined ? { text: '–' } : { text: formatValue(value, unit), value }
            }),
            { text: formatCount(line.trials.length), value: line.trials.length },
          ]),
      }),
    },
  ]
}

type Trial = readonly [order: number, value: number, round: number]

function trialsOf(
  { summary: { records, goodput } }: Case,
  order: (record: TrialRecord) => number,
  relative: boolean,
): readonly Trial[] {
  const scale = relative ? goodput?.medianBps : 1
  if (!scale) return []
  return records.flatMap((record): readonly Trial[] =>
    record.goodput_bps === undefined
      ? []
      : [
          [
            order(record),
            relative ? Math.round((record.goodput_bps / scale) * 1e4) / 1e4 : brief(record.goodput_bps),
            record.round,
          ],
        ],
  )
}

/** Positions of the trials of a file: those of a later run follow those of earlier runs. */
function orderOf(cases: readonly Case[], file: string | undefined): (record: TrialRecord) => number {
  const ends = new Map<string, number>()
  for (const each of cases) {
    if (each.file !== file) continue
    for (const { run_id, trial } of each.summary.records)
      ends.set(run_id, Math.max(ends.get(run_id) ?? 0, trial))
  }
  const starts = new Map<string, number>()
  let start = 0
  // Run ids begin with the time.
  for (const [run, end] of [...ends].sort(([x], [y]) => (x < y ? -1 : 1))) {
    starts.set(run, start)
    start += end
  }
  return ({ run_id, trial }) => (starts.get(run_id) ?? 0) + trial
}
