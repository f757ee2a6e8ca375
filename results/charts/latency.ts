/** Round trips by percentile. */
import { formatCount } from '../../base/units.ts'
import { MOST_LINES, type SweepPoint } from '../document/chart-spec.ts'
import { figureCell } from '../document/figures.ts'
import { columnFormat } from '../document/format.ts'
import type { Chart } from '../document/model.ts'
import { SHARES } from '../statistics/exchange.ts'
import { brief, type Case, type Colors, figuresTable, namedCases } from './case.ts'
import { sweepsOf } from './measure-charts.ts'
import { ROUND_TRIP } from './measures.ts'

interface Point {
  readonly name: string
  /** Undefined where too few answers stand behind it. */
  readonly of: (each: Case) => number | undefined
}

const POINTS: readonly Point[] = [
  { name: 'min', of: ({ exchange }) => exchange?.trips.minMs },
  { name: 'p50', of: ({ exchange }) => exchange?.trips.quantile(0.5) },
  ...SHARES.map(({ name, share }) => ({
    name,
    of: ({ exchange }: Case) => (exchange?.trips.has(share) ? exchange.trips.quantile(share) : undefined),
  })),
  { name: 'max', of: ({ exchange }) => exchange?.trips.maxMs },
]

/** Over what was swept, and by percentile; the latter is left out where it had too many lines. */
export function latencyCharts(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const swept = sweepsOf(ROUND_TRIP, cases, colors)
  const byPercentile = latencyChart(cases, colors)
  const isCrowded = byPercentile.some(({ spec }) => spec.kind === 'sweep' && spec.lines.length > MOST_LINES)
  return swept.length > 0 && isCrowded ? swept : [...swept, ...byPercentile]
}

/** A line for each case, over all round trips of its trials; none where nothing was answered. */
function latencyChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const answered = namedCases(
    cases.filter(each => each.exchange?.rtt),
    colors,
  )
  const points = POINTS.filter(({ of }) => answered.some(each => of(each) !== undefined))
  if (answered.length === 0) return []
  const lines = answered.map(each => ({
    name: each.name,
    color: each.color,
    points: points.flatMap(({ of }, x): readonly SweepPoint[] => {
      const y = of(each)
      return y === undefined ? [] : [{ x, y: brief(y), n: each.exchange?.trips.count ?? 0 }]
    }),
  }))
  const format = columnFormat(
    'ms',
    lines.flatMap(line => line.points.map(({ y }) => y)),
  )
  return [
    {
      id: 'latency',
      kind: 'latency',
      title: 'Round trips by percentile',
      spec: {
        kind: 'sweep',
        x: {
          title: 'percentile',
          scale: 'steps',
          values: [...points.keys()],
          labels: points.map(({ name }) => name),
        },
        y: { title: 'round trip', unit: 'ms', log: true },
        lines,
      },
      notes: [
        [
          'All round trips of all trials together, from when a request was due until its answer was there; a percentile only where ten answers or more are beyond it.',
        ],
      ],
      table: figuresTable(
        'Round trips by percentile, in figures',
        ['case', ...points.map(({ name }) => name), 'answers'],
        answered.map(each => [
          each.name,
          ...points.map(({ of }) => figureCell(of(each), format)),
          figureCell(each.exchange?.trips.count, formatCount),
        ]),
      ),
    },
  ]
}
