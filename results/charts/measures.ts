/** Charts of goodput and loss: over the swept field, or case by case if nothing was swept. */
import { sumOf } from '../../base/groups.ts'
import { counted, formatCount } from '../../base/units.ts'
import type { CaseRow, SweepLine, SweepPoint, SweepSpec } from '../document/chart-spec.ts'
import { formatValue } from '../document/chart-units.ts'
import { figureCell, NONE } from '../document/figures.ts'
import type { Chart, Table, TableCell, Text } from '../document/model.ts'
import { lossInterval } from '../statistics/loss.ts'
import { known } from '../statistics/summary.ts'
import {
  brief,
  type Case,
  type Colors,
  figuresTable,
  hasLoss,
  namedCases,
  namedLines,
  pointsEach,
  sampled,
} from './case.ts'
import { type Group, groupBySweep, sweepAxis, sweptValue } from './sweep.ts'

interface Measure {
  readonly kind: 'goodput' | 'loss'
  readonly title: string
  readonly unit: 'rate' | 'share'
  readonly ceiling?: number
  /** The head of its estimates. */
  readonly figure: string
  /** Has the value of a trial. */
  readonly column: 'goodput_bps' | 'loss_ratio'
  /** Undefined if unknown. */
  readonly estimate: (each: Case) => Omit<SweepPoint, 'x'> | undefined
  /** Whether a cross on the axis shows that the system refused. */
  readonly refused: (each: Case) => boolean
  /** How to read a sweep, and rows of cases. */
  readonly sweepNote: string
  readonly casesNote: string
}

export const GOODPUT: Measure = {
  kind: 'goodput',
  title: 'Goodput',
  unit: 'rate',
  figure: 'median',
  column: 'goodput_bps',
  estimate: ({ goodput }) =>
    goodput && { y: brief(goodput.medianBps), ...ends(goodput.interval), n: goodput.trials },
  refused: ({ outcomes }) => outcomes.refused > 0,
  sweepNote: 'Large marks are medians, the bars behind them their 95 % intervals, small dots single trials.',
  casesNote: 'Strokes are medians, the bars behind them their 95 % intervals, dots single trials.',
}

const LOSS_NOTE =
  'Datagrams lost of those that the system accepted, over all trials; the bars behind are 95 % intervals, small dots single trials.'

export const LOSS: Measure = {
  kind: 'loss',
  title: 'Loss',
  unit: 'share',
  ceiling: 1,
  figure: 'loss',
  column: 'loss_ratio',
  estimate: summary => {
    if (!hasLoss(summary)) return undefined
    const loss = lossInterval(
      summary.records.map(each => each.datagrams_lost ?? Number.NaN),
      summary.records.map(each => each.datagrams_accepted ?? Number.NaN),
    )
    return loss && { y: brief(loss.ratio), ...ends(loss.interval), n: loss.trials }
  },
  refused: () => false,
  sweepNote: LOSS_NOTE,
  casesNote: LOSS_NOTE,
}

/** Each group has a chart; nobody reads more of them. */
const MOST_GROUPS = 8
/** Rows of a chart with a row a case. */
export const MOST_ROWS = 24

/** None if nothing is known. */
export function measureCharts(measure: Measure, cases: readonly Case[], colors: Colors): readonly Chart[] {
  const groups = groupBySweep(
    cases.filter(each => measure.estimate(each) !== undefined || measure.refused(each)),
  )
  const charts = groups.slice(0, MOST_GROUPS).flatMap((group, index): readonly Chart[] => {
    const id = `${measure.kind}-${index + 1}`
    if (group.field === undefined) return casesChart(measure, group.items, id, colors)
    return sweepChart(measure, group, id, colors)
  })
  const more = groups.length - MOST_GROUPS
  if (more <= 0) return charts
  const note: Text = [`${counted(more, 'more size has', 'more sizes have')} no chart; the table has them.`]
  return charts.map((chart, index) =>
    index === charts.length - 1 ? { ...chart, notes: [...(chart.notes ?? []), note] } : chart,
  )
}

/** A line for all cases that differ only in size and chunk; none if no value is known. */
export function sweepChart(
  measure: Measure,
  { items, field = 'chunk_bytes', title: ofGroup }: Group<Case>,
  id: string,
  colors: Colors,
): readonly (Chart & { readonly spec: SweepSpec })[] {
  const { name, ...axis } = sweepAxis(items, field)
  const most = pointsEach(items.length)
  const lines = namedLines(items, colors).flatMap(({ name, color, cases }) => {
    const points = cases.flatMap(each => {
      const estimate = measure.estimate(each)
      return estimate ? [{ x: sweptValue(each.cell, field), ...estimate }] : []
    })
    const refused = cases.filter(measure.refused).map(each => sweptValue(each.cell, field))
    const trials = cases.flatMap(each =>
      dotsOf(measure, each, most).map((value): [number, number] => [sweptValue(each.cell, field), value]),
    )
    return points.length + refused.length > 0 ? [{ name, color, points, trials, refused }] : []
  })
  if (lines.every(line => line.points.length === 0)) return []
  const scale = fitsLogarithm(axis.values) ? 'log' : 'steps'
  const y = { ...axisOf(measure), log: spansDecades(lines) }
  const refusals = lines.some(line => line.refused.length > 0)
  return [
    {
      id,
      kind: measure.kind,
      title: `${measure.title} over ${name}${ofGroup}`,
      spec: { kind: 'sweep', x: { ...axis, scale }, y, lines },
      notes: [
        [
          measure.sweepNote,
          refusals ? ' A cross on the axis: the system refused datagrams.' : '',
          scale === 'steps' ? ` The values of ${name} stand evenly spaced.` : '',
        ],
        ...samplingNote(measure, items, most),
      ],
      table: sweepTable(measure, lines, name, axis),
    },
  ]
}

function casesChart(measure: Measure, cases: readonly Case[], id: string, colors: Colors): readonly Chart[] {
  const most = pointsEach(Math.min(MOST_ROWS, cases.length))
  const all = namedCases(cases, colors).flatMap((each): CaseRow[] => {
    const estimate = measure.estimate(each)
    if (!estimate) return []
    const { y: median, ...rest } = estimate
    return [{ name: each.name, color: each.color, median, ...rest, trials: dotsOf(measure, each, most) }]
  })
  if (all.length === 0) return []
  const { kind, title, casesNote } = measure
  return [
    {
      id,
      kind,
      title,
      spec: { kind: 'cases', value: axisOf(measure), rows: all.slice(0, MOST_ROWS) },
      notes: [[casesNote], ...samplingNote(measure, cases, most), ...rowsNote(all.length)],
      table: figuresTable(
        `${title}, in figures`,
        ['case', ...estimateHeads(measure)],
        all.map(row => [row.name, ...estimateCells(measure, { ...row, y: row.median })]),
      ),
    },
  ]
}

function axisOf({ title, unit, ceiling }: Measure) {
  return { title: title.toLowerCase(), unit, ...(ceiling ? { ceiling } : {}) }
}

/** Values of single trials, as far as they are known and drawn. */
function dotsOf(measure: Measure, each: Case, most: number): readonly number[] {
  return sampled(trialsOf(measure, each), most, Number).map(brief)
}

function trialsOf({ column }: Measure, { records }: Case): readonly number[] {
  return known(records, record => record[column])
}

/** The note of a chart in which not every case has a row. */
export function rowsNote(count: number): readonly Text[] {
  return count > MOST_ROWS
    ? [[`The first ${MOST_ROWS} of ${formatCount(count)} cases; the figures of this chart have more.`]]
    : []
}

function samplingNote(measure: Measure, cases: readonly Case[], most: number): readonly Text[] {
  const counts = cases.map(each => trialsOf(measure, each).length)
  const all = sumOf(counts, Number)
  const drawn = sumOf(counts, count => Math.min(count, most))
  if (drawn === all) return []
  return [
    [
      `${formatCount(drawn)} of ${formatCount(all)} trials are drawn as dots, evenly chosen, with the least and the largest of each case; medians and intervals are of all.`,
    ],
  ]
}

function sweepTable(
  measure: Measure,
  lines: readonly SweepLine[],
  name: string,
  { values, labels }: Pick<SweepSpec['x'], 'values' | 'labels'>,
): Table {
  const rows = lines.flatMap(line =>
    values.flatMap((x, index) => {
      const point = line.points.find(each => each.x === x)
      if (!point && !line.refused?.includes(x)) return []
      const cells = point ? estimateCells(measure, point) : [{ text: 'refused' }, NONE, NONE, NONE]
      return [[line.name, { text: labels[index] ?? '', value: x }, ...cells] as const]
    }),
  )
  const heads = ['line', name, ...estimateHeads(measure)]
  return figuresTable(`${measure.title} over ${name}, in figures`, heads, rows)
}

function estimateHeads({ figure }: Measure): readonly string[] {
  return [figure, 'low', 'high', 'trials']
}

function estimateCells({ unit }: Measure, { y, low, high, n }: Omit<SweepPoint, 'x'>): readonly TableCell[] {
  const cell = (value: number | undefined) => figureCell(value, known => formatValue(known, unit))
  return [cell(y), cell(low), cell(high), figureCell(n, formatCount)]
}

/** A logarithmic scale helps if values span a decade, and none are so close that they would overlap. */
function fitsLogarithm(values: readonly number[]): boolean {
  const [first = 0, last = 0] = [values[0], values.at(-1)]
  const apart = values.every((value, index) => index === 0 || value / (values[index - 1] ?? value) >= 1.15)
  return values.length > 2 && last / first >= 10 && apart
}

/** Whether medians span two decades without a zero, which a logarithm cannot show. */
function spansDecades(lines: readonly SweepLine[]): boolean {
  const values = lines.flatMap(line => line.points.map(point => point.y))
  return Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 100
}

function ends(interval: { readonly low: number; readonly high: number } | undefined) {
  return interval ? { low: brief(interval.low), high: brief(interval.high) } : {}
}
