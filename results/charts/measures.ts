/** Charts of goodput and loss: over the swept field, or case by case if nothing was swept. */
import { counted, formatCount } from '../../base/units.ts'
import type { CaseRow, ChartSpec, SweepLine, SweepPoint, SweepSpec } from '../document/chart-spec.ts'
import { formatValue } from '../document/chart-units.ts'
import type { Chart, ChartKind, Table, TableCell, Text } from '../document/model.ts'
import { lossInterval } from '../statistics/loss.ts'
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
  valuesOf,
} from './case.ts'
import { type Group, groupBySweep, sweepAxis } from './sweep.ts'

/** The measure of a chart. */
interface Measure {
  readonly kind: ChartKind & ('goodput' | 'loss')
  readonly title: string
  readonly unit: 'rate' | 'share'
  readonly ceiling?: number
  /** Undefined if unknown. */
  readonly estimate: (each: Case) => Omit<SweepPoint, 'x'> | undefined
  /** A value a trial, if known. */
  readonly trials: (each: Case) => readonly number[]
  readonly note: Text
}

export const GOODPUT: Measure = {
  kind: 'goodput',
  title: 'Goodput',
  unit: 'rate',
  estimate: ({ summary: { goodput } }) =>
    goodput && { y: brief(goodput.medianBps), ...ends(goodput.interval), n: goodput.trials },
  trials: each => valuesOf(each.summary.records, 'goodput_bps'),
  note: ['Large marks are medians, the bars behind them their 95 % intervals, small dots single trials.'],
}

export const LOSS: Measure = {
  kind: 'loss',
  title: 'Loss',
  unit: 'share',
  ceiling: 1,
  estimate: ({ summary }) => {
    const { records } = summary
    if (!hasLoss(summary)) return undefined
    const loss = lossInterval(
      records.map(each => each.datagrams_lost ?? Number.NaN),
      records.map(each => each.datagrams_accepted ?? Number.NaN),
    )
    return loss && { y: brief(loss.ratio), ...ends(loss.interval), n: loss.trials }
  },
  trials: each => valuesOf(each.summary.records, 'loss_ratio'),
  note: [
    'Datagrams lost of those that the system accepted, over all trials; the bars behind are 95 % intervals, small dots single trials.',
  ],
}

/** Each group has a chart; nobody reads more of them. */
const MOST_GROUPS = 8
/** Rows of a chart with a row a case. */
export const MOST_ROWS = 24

/** None if no goodput is known. */
export function goodputCharts(cases: readonly Case[], colors: Colors): readonly Chart[] {
  return chartsOf(GOODPUT, cases, colors)
}

/** None if no datagram was lost. */
export function lossCharts(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const lossy = cases.some(each => (each.summary.loss?.lost ?? 0) > 0)
  return lossy ? chartsOf(LOSS, cases, colors) : []
}

function chartsOf(measure: Measure, cases: readonly Case[], colors: Colors): readonly Chart[] {
  const refused = (each: Case) => measure.kind === 'goodput' && each.summary.outcomes.refused > 0
  const known = cases.filter(each => measure.estimate(each) !== undefined || refused(each))
  const groups = groupBySweep(known)
  const charts = groups
    .slice(0, MOST_GROUPS)
    .map((group, index) => chartOf(measure, group, `${measure.kind}-${index + 1}`, colors))
    .filter(chart => chart !== undefined)
  const more = groups.length - MOST_GROUPS
  if (more <= 0) return charts
  const note: Text = [`${counted(more, 'more size has', 'more sizes have')} no chart; the table has them.`]
  return charts.map((chart, index) =>
    index === charts.length - 1 ? { ...chart, notes: [...(chart.notes ?? []), note] } : chart,
  )
}

function chartOf(measure: Measure, group: Group<Case>, id: string, colors: Colors): Chart | undefined {
  return group.field === undefined
    ? casesChart(measure, group.items, id, colors)
    : sweepChart(measure, group, id, colors)
}

/** A line for all cases that differ only in size and chunk; undefined if no value is known. */
export function sweepChart(
  measure: Measure,
  group: Group<Case>,
  id: string,
  colors: Colors,
): (Chart & { readonly spec: SweepSpec }) | undefined {
  const { items, field = 'chunk_bytes' } = group
  const { name, title: xTitle, values, ticks } = sweepAxis(items, field)
  const most = pointsEach(items.length)
  const lines = namedLines(items, colors).flatMap(({ name, color, cases }): SweepLine[] => {
    const points = cases.flatMap(each => {
      const estimate = measure.estimate(each)
      return estimate ? [{ x: each.cell[field], ...estimate }] : []
    })
    const refused = measure.kind === 'goodput' ? cases.filter(each => each.summary.outcomes.refused > 0) : []
    if (points.length === 0 && refused.length === 0) return []
    const trials = cases.flatMap(each =>
      sampled(measure.trials(each), most, Number).map((value): [number, number] => [
        each.cell[field],
        brief(value),
      ]),
    )
    return [{ name, color, points, trials, refused: refused.map(each => each.cell[field]) }]
  })
  if (lines.every(line => line.points.length === 0)) return undefined
  const scale = fitsLogarithm(values) ? ('log' as const) : ('steps' as const)
  const { title, unit: yUnit, ceiling } = measure
  const spec: SweepSpec = {
    kind: 'sweep',
    x: { title: xTitle, scale, values, labels: ticks },
    y: { title: title.toLowerCase(), unit: yUnit, log: spansDecades(lines), ...(ceiling ? { ceiling } : {}) },
    lines,
  }
  const refusals = lines.some(line => line.refused.length > 0)
  return {
    id,
    kind: measure.kind,
    title: `${title} over ${name}${group.title}`,
    spec,
    notes: [
      [
        ...measure.note,
        refusals ? ' A cross on the axis: the system refused datagrams.' : '',
        scale === 'steps' ? ` The values of ${name} stand evenly spaced.` : '',
      ],
      ...samplingNote(measure, items, most),
    ],
    table: figuresTable(sweepTable(measure, lines, name, ticks, values)),
  }
}

function casesChart(measure: Measure, cases: readonly Case[], id: string, colors: Colors): Chart | undefined {
  const most = pointsEach(Math.min(MOST_ROWS, cases.length))
  const all = namedCases(cases, colors).flatMap((each): CaseRow[] => {
    const estimate = measure.estimate(each)
    if (!estimate) return []
    const { y: median, ...rest } = estimate
    const trials = sampled(measure.trials(each), most, Number).map(brief)
    return [{ name: each.name, color: each.color, median, ...rest, trials }]
  })
  const rows = all.slice(0, MOST_ROWS)
  if (rows.length === 0) return undefined
  const { title, unit, ceiling } = measure
  const spec: ChartSpec = {
    kind: 'cases',
    value: { title: title.toLowerCase(), unit, ...(ceiling ? { ceiling } : {}) },
    rows,
  }
  return {
    id,
    kind: measure.kind,
    title,
    spec,
    notes: [
      measure.kind === 'goodput'
        ? ['Strokes are medians, the bars behind them their 95 % intervals, dots single trials.']
        : measure.note,
      ...samplingNote(measure, cases, most),
      ...rowsNote(all.length),
    ],
    table: figuresTable({
      caption: `${title}, in figures`,
      columns: [{ title: 'case', align: 'left' }, ...estimateColumns(measure)],
      rows: all.map(row => [{ text: row.name }, ...estimateCells(measure, { ...row, y: row.median })]),
    }),
  }
}

/** The note of a chart in which not every case has a row. */
export function rowsNote(count: number): readonly Text[] {
  return count > MOST_ROWS
    ? [[`The first ${MOST_ROWS} of ${formatCount(count)} cases; the figures of this chart have more.`]]
    : []
}

function samplingNote({ trials }: Measure, cases: readonly Case[], most: number): readonly Text[] {
  const counts = cases.map(each => trials(each).length)
  const all = counts.reduce((sum, count) => sum + count, 0)
  const drawn = counts.reduce((sum, count) => sum + Math.min(count, most), 0)
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
  ticks: readonly string[],
  values: readonly number[],
): Table {
  const rows = lines.flatMap(line =>
    values.flatMap((x, index): (readonly TableCell[])[] => {
      const point = line.points.find(each => each.x === x)
      const refused = line.refused.includes(x)
      if (!point && !refused) return []
      const head = [{ text: line.name }, { text: ticks[index] ?? '', value: x }]
      const cells = point
        ? estimateCells(measure, point)
        : [{ text: 'refused' }, { text: '–' }, { text: '–' }, { text: '–' }]
      return [[...head, ...cells]]
    }),
  )
  return {
    caption: `${measure.title} over ${name}, in figures`,
    columns: [{ title: 'line', align: 'left' }, { title: name, align: 'right' }, ...estimateColumns(measure)],
    rows,
  }
}

function estimateColumns({ kind }: Measure): Table['columns'] {
  const titles = [kind === 'goodput' ? 'median' : 'loss', 'low', 'high', 'trials']
  return titles.map(title => ({ title, align: 'right' as const }))
}

function estimateCells({ unit }: Measure, { y, low, high, n }: Omit<SweepPoint, 'x'>): readonly TableCell[] {
  const cell = (value: number | undefined): TableCell =>
    value === undefined ? { text: '–' } : { text: formatValue(value, unit), value }
  return [cell(y), cell(low), cell(high), { text: formatCount(n), value: n }]
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
