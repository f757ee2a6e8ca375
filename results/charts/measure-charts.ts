/** Charts of a measure: over what was swept, as lines or heat maps, or case by case. */
import { sumOf } from '../../base/groups.ts'
import { formatCount } from '../../base/units.ts'
import type { CaseRow, HeatSpec, SweepLine, SweepPoint, SweepSpec } from '../document/chart-spec.ts'
import { heatScale } from '../document/chart-units.ts'
import { figureCell, NONE } from '../document/figures.ts'
import { columnFormat } from '../document/format.ts'
import type { Chart, Table, TableCell, Text } from '../document/model.ts'
import { type CellField, titleOfField } from '../schema/cells.ts'
import { known } from '../statistics/summary.ts'
import {
  brief,
  type Case,
  type Colors,
  figuresTable,
  namedCases,
  namedLines,
  pointsEach,
  sampled,
} from './case.ts'
import { GOODPUT, LOSS, type Measure } from './measures.ts'
import { floorOf } from './spread.ts'
import { groupBySweep, type Sweep, spansDecades, sweepAxis, sweptValue } from './sweep.ts'

/** Charts of a measure over what was swept; none where nothing was. */
export function sweepsOf(measure: Measure, cases: readonly Case[], colors: Colors): readonly Chart[] {
  return groupBySweep(cases.filter(measure.estimate)).flatMap((group, index) =>
    group.field === undefined ? [] : sweepChart(measure, group, `${measure.kind}-${index + 1}`, colors),
  )
}

/** Rows of a chart with a row a case. */
const MOST_ROWS = 24

/** None if nothing is known. */
export function measureCharts(measure: Measure, cases: readonly Case[], colors: Colors): readonly Chart[] {
  // The same ones for each measure, so that its charts have the same axes.
  const known = cases.filter(each => [GOODPUT, LOSS].some(of => of.estimate(each) || of.refused?.(each)))
  return groupBySweep(known).flatMap((group, index): readonly Chart[] => {
    const id = `${measure.kind}-${index + 1}`
    if (group.field === undefined) return casesChart(measure, group.items, id, colors)
    return sweepChart(measure, group, id, colors)
  })
}

/** A line for all cases that differ only in what was swept, or heat maps of two sweeps; none if no value is known. */
export function sweepChart(
  measure: Measure,
  { items, field, along, across, title: ofGroup }: Sweep<Case>,
  id: string,
  colors: Colors,
): readonly Chart[] {
  const axis = sweepAxis(items, field)
  const most = pointsEach(items.length)
  const at = (each: Case) => sweptValue(each.cell, field)
  const lines = namedLines(items, along, colors).flatMap(({ name, color, cases }) => {
    const points = cases.flatMap(each => {
      const estimate = measure.estimate(each)
      return estimate ? [{ x: at(each), ...estimate }] : []
    })
    const refused = cases.filter(each => measure.refused?.(each)).map(at)
    const trials = cases.flatMap(each =>
      dotsOf(measure, each, most).map((value): [number, number] => [at(each), value]),
    )
    return points.length + refused.length > 0 ? [{ name, color, points, trials, refused }] : []
  })
  if (lines.every(line => line.points.length === 0)) return []
  const y = { ...axisOf(measure), log: spansDecades(lines) }
  const refusals = lines.some(line => line.refused.length > 0)
  const heat = across && heatOf(measure, { items, field, along, across }, y, colors)
  const unit = heat ? ` (${heatScale(heat).unit})` : ''
  const swept = [field, ...(across ? [across] : [])].map(titleOfField).join(' and ')
  return [
    {
      id,
      kind: measure.kind,
      title: `${measure.title} over ${swept}${unit}${ofGroup}`,
      ...(heat
        ? {
            spec: heat,
            notes: [[measure.heatNote, refusals ? ' A cross: the system refused all.' : '']],
          }
        : {
            spec: {
              kind: 'sweep',
              x: axis,
              y,
              lines,
              ...(field === 'rate_bps' && measure.bounds ? { marks: measure.bounds, marked: 'a bound' } : {}),
            },
            notes: [
              [
                measure.sweepNote,
                intervalsNote(lines.flatMap(({ points }) => points)),
                refusals ? ' A cross on the axis: the system refused datagrams.' : '',
              ],
              ...samplingNote(measure, items, most),
            ],
          }),
      table: sweepTable(measure, lines, titleOfField(field), axis),
    },
  ]
}

/** A map for each line; a cell for each case. */
function heatOf(
  measure: Measure,
  { items, field, along, across }: Omit<Sweep<Case>, 'title'> & { readonly across: CellField },
  value: HeatSpec['value'],
  colors: Colors,
): HeatSpec {
  const [x, y] = [sweepAxis(items, field), sweepAxis(items, across)]
  const maps = namedLines(items, [...along, across], colors).flatMap(({ name, color, cases }) => {
    const cells = cases.flatMap(each => {
      const { y: figure, ...estimate } = measure.estimate(each) ?? { n: each.records.length }
      if (figure === undefined && !measure.refused?.(each)) return []
      return [
        {
          x: x.values.indexOf(sweptValue(each.cell, field)),
          y: y.values.indexOf(sweptValue(each.cell, across)),
          ...estimate,
          ...(figure === undefined ? {} : { value: figure }),
        },
      ]
    })
    return cells.length > 0 ? [{ name, color, cells }] : []
  })
  return { kind: 'heat', value, x, y, maps }
}

/** A row a case. */
export function casesChart(
  measure: Measure,
  cases: readonly Case[],
  id: string,
  colors: Colors,
): readonly Chart[] {
  const most = pointsEach(Math.min(MOST_ROWS, cases.length))
  const all = namedCases(cases, colors).flatMap((each): CaseRow[] => {
    const estimate = measure.estimate(each)
    if (!estimate) return []
    const { y: median, ...rest } = estimate
    return [{ name: each.name, color: each.color, median, ...rest, trials: dotsOf(measure, each, most) }]
  })
  if (all.length === 0) return []
  const { kind, title, casesNote } = measure
  const format = columnFormat(
    measure.unit,
    all.map(({ median }) => median),
  )
  const floor =
    measure.unit === 'rate'
      ? floorOf(all.flatMap(({ median, low = median, trials }) => [low, ...trials]))
      : {}
  return [
    {
      id,
      kind,
      title,
      spec: {
        kind: 'cases',
        value: { ...axisOf(measure), ...floor },
        rows: all.slice(0, MOST_ROWS),
      },
      notes: [
        [casesNote, intervalsNote(all), floor.floor === undefined ? '' : ' The axis does not begin at 0.'],
        ...samplingNote(measure, cases, most),
        ...rowsNote(all.length),
      ],
      table: figuresTable(
        `${title}, in figures`,
        ['case', ...estimateHeads(measure)],
        all.map(row => [row.name, ...estimateCells({ ...row, y: row.median }, format)]),
      ),
    },
  ]
}

function intervalsNote(estimates: readonly { readonly low?: number }[]): string {
  return estimates.some(({ low }) => low !== undefined) ? ' Bars behind them are 95 % intervals.' : ''
}

function axisOf({ axis, unit, ceiling }: Measure) {
  return { title: axis, unit, ...(ceiling ? { ceiling } : {}) }
}

/** Values of single trials, as far as they are known and drawn. */
function dotsOf(measure: Measure, each: Case, most: number): readonly number[] {
  return sampled(trialsOf(measure, each), most, Number).map(brief)
}

function trialsOf({ column }: Measure, { records }: Case): readonly number[] {
  return column ? known(records, record => record[column]) : []
}

/** The note of a chart in which not every case has a row. */
function rowsNote(count: number): readonly Text[] {
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
  const format = columnFormat(
    measure.unit,
    lines.flatMap(({ points }) => points.map(({ y }) => y)),
  )
  const rows = lines.flatMap(line =>
    values.flatMap((x, index) => {
      const point = line.points.find(each => each.x === x)
      if (!point && !line.refused?.includes(x)) return []
      const cells = point ? estimateCells(point, format) : [{ text: 'refused' }, NONE, NONE, NONE]
      return [[line.name, { text: labels[index] ?? '', value: x }, ...cells] as const]
    }),
  )
  const heads = ['line', name, ...estimateHeads(measure)]
  return figuresTable(`${measure.title} over ${name}, in figures`, heads, rows)
}

function estimateHeads({ figure }: Measure): readonly string[] {
  return [figure, 'low', 'high', 'trials']
}

function estimateCells(
  { y, low, high, n }: Omit<SweepPoint, 'x'>,
  format: (value: number) => string,
): readonly TableCell[] {
  const cell = (value: number | undefined) => figureCell(value, format)
  return [cell(y), cell(low), cell(high), figureCell(n, formatCount)]
}
