/** How the single trials of each case are spread: the share of them that reached at most so much (ECDF). */
import { MOST_LINES } from '../document/chart-spec.ts'
import type { Chart } from '../document/model.ts'
import { brief, type Case, type Colors, namedCases, pointsEach, sampled } from './case.ts'
import { floorOf, spreadTable } from './spread.ts'

/** Of fewer trials a strip of dots shows all. */
const LEAST_TRIALS = 20

/** None for fewer trials, nor for more cases than lines can be distinguished. */
export function distributionChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const lines = namedCases(cases, colors).flatMap(({ name, color, records }) => {
    const known = records.flatMap(({ goodput_bps: bps, round }) =>
      bps === undefined ? [] : [{ bps, round }],
    )
    if (known.length < LEAST_TRIALS) return []
    const trials = known
      .sort((a, b) => a.bps - b.bps)
      .map(({ bps, round }, index) => [brief(bps), brief((index + 1) / known.length), round] as const)
    return [{ name, color, trials }]
  })
  if (lines.length === 0 || lines.length > MOST_LINES) return []
  const values = lines.map(({ name, trials }) => ({ name, values: trials.map(([bps]) => bps) }))
  const most = pointsEach(lines.length)
  return [
    {
      id: 'distribution',
      kind: 'distribution',
      title: 'How goodputs are spread',
      spec: {
        kind: 'course',
        x: { title: 'goodput', unit: 'rate', ...floorOf(values.flatMap(each => each.values)) },
        y: { title: 'trials', unit: 'share', ceiling: 1 },
        steps: true,
        lines: lines.map(line => ({ ...line, trials: sampled(line.trials, most, ([bps]) => bps) })),
      },
      notes: [
        [
          'The share of the trials whose goodput was at most so much: 50 % is the median. A steep line is a case that hardly varies, a flat stretch parts two ways of running.',
        ],
      ],
      table: spreadTable('Percentiles of goodput, in figures', values, 'rate'),
    },
  ]
}
