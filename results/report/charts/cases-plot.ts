/** A row a case: its trials as points, a bar for the interval and a stroke for the median. */
import type { EChartsOption, SeriesOption } from 'echarts'
import { counted } from '../../../base/units.ts'
import type { CaseRow, CasesSpec } from '../../document/chart-spec.ts'
import { estimateText } from '../../document/chart-units.ts'
import { valueAxis } from './axes.ts'
import { lookOf } from './palette.ts'
import { ROW_SHIFT_PX, rowLabels, rowShapes, rowsFrame, rowsHeight } from './rows.ts'
import { type Plot, TRIALS, trialDots, type View } from './view.ts'

export function casesPlot(spec: CasesSpec): Plot {
  const { rows, value } = spec
  return {
    legend: [],
    height: rowsHeight(rows.length),
    trials: rows.reduce((sum, row) => sum + row.trials.length, 0),
    switches: [TRIALS],
    option: view => casesOption(spec, view),
    places: () =>
      rows.map(({ name, color, n, ...row }, y) => {
        const text = `${estimateText(row.median, row, value.unit)}, ${counted(n, 'trial')}`
        return { y, title: name, entries: [{ name: value.title, color, text }] }
      }),
  }
}

function casesOption({ rows, value }: CasesSpec, view: View): EChartsOption {
  const top = Math.max(0, ...rows.map(row => Math.max(row.median, row.high ?? 0, ...row.trials)))
  // The interval too, where there is room for it.
  const figureOf = (row: CaseRow) => estimateText(row.median, view.width >= 480 ? row : {}, value.unit)
  return {
    ...rowsFrame(valueAxis(view, value, top), rows.length),
    series: [
      rowLabels(
        rows.map(row => ({ name: row.name, figure: figureOf(row) })),
        view,
      ),
      ...rows.flatMap((row, index) => rowSeries(row, index, view)),
    ],
  }
}

function rowSeries(
  { name, color, median, low, high, trials }: CaseRow,
  index: number,
  view: View,
): SeriesOption[] {
  const paint = lookOf(color, view.palette).color
  return [
    ...trialDots(view, color, 5, {
      opacity: 0.5,
      offset: (_, { dataIndex }) => [0, ROW_SHIFT_PX + jitter(dataIndex)],
      data: trials.map(value => [value, index]),
    }),
    rowShapes(name, [[median, index, low ?? median, high ?? median]], ([x = 0, from = 0, to = 0], y) => ({
      type: 'group',
      children: [
        {
          type: 'rect',
          shape: { x: from, y: y - 9, width: Math.max(0, to - from), height: 18 },
          style: { fill: paint, opacity: 0.25 },
        },
        {
          type: 'line',
          shape: { x1: x, y1: y - 11, x2: x, y2: y + 11 },
          style: { stroke: paint, lineWidth: 3 },
        },
      ],
    })),
  ]
}

/** Points of a row do not hide each other; the same at every call (the golden ratio spreads evenly). */
function jitter(index: number): number {
  return (((index * 0.618_034) % 1) - 0.5) * 14
}
