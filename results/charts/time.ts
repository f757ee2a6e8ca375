/** Goodput over time, of streams whose intervals are known. */
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatCount, formatMs, formatPercent } from '../../base/units.ts'
import type { SweepPoint } from '../document/chart-spec.ts'
import { formatValue } from '../document/chart-units.ts'
import { figureCell } from '../document/figures.ts'
import type { Chart, TableCell } from '../document/model.ts'
import type { TimePoint } from '../statistics/over-time.ts'
import { brief, type Case, type Colors, figuresTable, namedCases } from './case.ts'

/** Fewer are no course. */
const LEAST_POINTS = 3

interface Course {
  readonly name: string
  readonly color: number
  readonly cell: Case['cell']
  readonly points: readonly TimePoint[]
}

/** A line for each case: the median over its trials of the sum of their streams. A chart for each length of the intervals; none where there are few. */
export function timeCharts(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const courses = namedCases(cases, colors)
    .map(({ overTime, records, ...named }): Course => ({ ...named, points: overTime?.of(records) ?? [] }))
    .filter(({ points }) => points.length >= LEAST_POINTS)
  return [...groupBy(courses, gridOf).values()].map((group, index, all) =>
    chartOf(group, all.length > 1 ? `-${index + 1}` : ''),
  )
}

/** Whether all points of a case are timed is seen from the first ones: the last end with what arrived last. */
function gridOf({ points }: Course): string {
  return points
    .slice(0, LEAST_POINTS)
    .map(({ fromMs }) => Math.round(fromMs))
    .join(' ')
}

function chartOf(courses: readonly Course[], suffix: string): Chart {
  const [longest] = courses.toSorted((a, b) => b.points.length - a.points.length)
  const ends = endsOf(longest?.points ?? [])
  return {
    id: `time${suffix}`,
    kind: 'time',
    title: 'Goodput over time',
    spec: {
      kind: 'sweep',
      x: { title: 'time (s)', scale: 'steps', values: [...ends.keys()], labels: ends.map(secondsOf) },
      y: { title: 'goodput', unit: 'rate' },
      lines: courses.map(({ name, color, cell, points }) => ({
        name,
        color,
        points: points.map((point, x): SweepPoint => {
          const readings = readingsOf(point, datagramsIn(point, cell)).join(', ')
          const y = brief(point.goodputBps)
          return { x, y, n: point.trials, ...(readings === '' ? {} : { more: readings }) }
        }),
      })),
    },
    notes: [
      [
        'Payload that arrived in each interval, by its end: the sum of the streams of a direction, and its median over the trials. ',
        'What does not count in goodput (--omit) is drawn, too; what was still in the buffers at the end is not.',
      ],
    ],
    table: figuresTable(
      'Goodput over time, in figures',
      ['case', 'from', 'to', 'goodput', 'missing', 'retransmitted', 'RTT', 'trials'],
      courses.flatMap(({ name, points, cell }) =>
        points.map((point, at) => [name, ...cellsOf(point, ends[at], cell)] as const),
      ),
    ),
  }
}

/** When each point ends: where the next one begins, and the last one as long after its beginning as the one before. */
function endsOf(points: readonly TimePoint[]): readonly number[] {
  return points.map(({ fromMs, toMs }, at) => {
    const [before, next] = [points[at - 1], points[at + 1]]
    return next?.fromMs ?? (before ? 2 * fromMs - before.fromMs : toMs)
  })
}

function secondsOf(ms: number): string {
  return String(Number((ms / 1000).toPrecision(6)))
}

/** Missing datagrams as a share of those that were due to arrive; undefined over TCP, and where more came late than are missing. */
function datagramsIn(
  { lost, goodputBps, fromMs, toMs }: TimePoint,
  { chunk_bytes }: Case['cell'],
): number | undefined {
  if (lost === undefined) return undefined
  const arrived = (goodputBps * (toMs - fromMs)) / 8000 / chunk_bytes
  return lost > 0 ? lost / (lost + arrived) : 0
}

function readingsOf({ retransmits, rttMs }: TimePoint, missing: number | undefined): readonly string[] {
  return given(
    missing !== undefined && missing > 0 && `${formatPercent(missing)} missing`,
    retransmits !== undefined && `${formatCount(retransmits)} retransmitted`,
    rttMs !== undefined && `RTT ${formatMs(rttMs)}`,
  )
}

function cellsOf(point: TimePoint, endMs = point.toMs, cell: Case['cell']): readonly TableCell[] {
  const { fromMs, goodputBps, retransmits, rttMs, trials } = point
  return [
    figureCell(fromMs, ms => `${secondsOf(ms)} s`),
    figureCell(endMs, ms => `${secondsOf(ms)} s`),
    figureCell(goodputBps, bps => formatValue(bps, 'rate')),
    figureCell(datagramsIn(point, cell), formatPercent),
    figureCell(retransmits, formatCount),
    figureCell(rttMs, formatMs),
    figureCell(trials, formatCount),
  ]
}
