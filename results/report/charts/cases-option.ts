/** A row a case: its trials as points, a bar for the interval and a stroke for the median. */
import type { EChartsOption, SeriesOption } from 'echarts'
import type { CaseRow, CasesSpec } from '../../document/chart-spec.ts'
import { estimateText } from '../../document/chart-units.ts'
import { lookOf } from './palette.ts'
import { ROW_SHIFT_PX, rowLabels, rowsAxis, rowsGrid, rowsValues } from './rows.ts'
import { STILL, UNSHADED, type View, valueAxis } from './view.ts'

export function casesOption(spec: CasesSpec, view: View): EChartsOption {
  const { rows, value } = spec
  const top = Math.max(0, ...rows.map(row => Math.max(row.median, row.high ?? 0, ...row.trials)))
  return {
    grid: rowsGrid(0),
    xAxis: rowsValues(valueAxis(view, value.unit, top, value.ceiling)),
    yAxis: rowsAxis(rows.length),
    series: [
      rowLabels(
        rows.map(row => ({ name: row.name, figure: figureOf(row, spec, view.width) })),
        view,
      ),
      ...rows.flatMap((row, index) => rowSeries(row, index, view)),
    ],
  }
}

/** The interval too, where there is room for it. */
function figureOf({ median, low, high }: CaseRow, { value }: CasesSpec, width: number): string {
  const ends = low !== undefined && high !== undefined && width >= 480 ? { low, high } : {}
  return estimateText(median, ends, value.unit)
}

function rowSeries(row: CaseRow, index: number, view: View): SeriesOption[] {
  const { color } = lookOf(row.color, view.palette)
  return [
    ...(view.trials === false
      ? []
      : [
          {
            ...UNSHADED,
            type: 'scatter' as const,
            symbol: 'circle',
            symbolSize: 5,
            symbolOffset: (_: unknown, params: { readonly dataIndex: number }): [number, number] => [
              0,
              ROW_SHIFT_PX + jitter(params.dataIndex),
            ],
            itemStyle: { color, opacity: 0.5 },
            data: row.trials.map(value => [value, index]),
          },
        ]),
    {
      ...STILL,
      type: 'custom',
      name: row.name,
      data: [[row.median, index, row.low ?? row.median, row.high ?? row.median]],
      renderItem: (_params, api) => {
        const [x = 0, middle = 0] = api.coord([api.value(0), api.value(1)])
        const [low = 0] = api.coord([api.value(2), api.value(1)])
        const [high = 0] = api.coord([api.value(3), api.value(1)])
        const y = middle + ROW_SHIFT_PX
        return {
          type: 'group',
          children: [
            {
              type: 'rect',
              shape: { x: low, y: y - 9, width: Math.max(0, high - low), height: 18 },
              style: { fill: color, opacity: 0.25 },
            },
            {
              type: 'line',
              shape: { x1: x, y1: y - 11, x2: x, y2: y + 11 },
              style: { stroke: color, lineWidth: 3 },
            },
          ],
        }
      },
    },
  ]
}

/** Points of a row do not hide each other; the same at every call (the golden ratio spreads evenly). */
function jitter(index: number): number {
  return (((index * 0.618_034) % 1) - 0.5) * 14
}
