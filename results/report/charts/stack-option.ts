/** A bar a case, of parts that add up. */
import type { EChartsOption, SeriesOption } from 'echarts'
import type { StackSpec } from '../../document/chart-spec.ts'
import { formatValue } from '../../document/chart-units.ts'
import { lookOf } from './palette.ts'
import { ROW_SHIFT_PX, rowLabels, rowsAxis, rowsGrid, rowsValues } from './rows.ts'
import { legend, legendRoom, STILL, type View, valueAxis } from './view.ts'

const BAR_PX = 16

export function stackOption(spec: StackSpec, view: View): EChartsOption {
  const { rows, parts, value } = spec
  const shown = parts.map(part => !view.hidden?.has(part.name))
  const sums = rows.map(row =>
    row.values.reduce<number>((sum, each, part) => sum + (shown[part] ? (each ?? 0) : 0), 0),
  )
  const shares = view.shares ?? spec.shares ?? false
  const axis = shares
    ? valueAxis(view, 'share', 1, 1)
    : valueAxis(view, value.unit, Math.max(0, ...sums), value.ceiling)
  const scales = sums.map(sum => (shares && sum > 0 ? sum : 1))
  return {
    grid: rowsGrid(legendRoom(view, parts)),
    xAxis: rowsValues(axis),
    yAxis: rowsAxis(rows.length),
    ...legend(view, parts, 'rect'),
    series: [
      rowLabels(
        rows.map((row, index) => ({ name: row.name, figure: formatValue(sums[index] ?? 0, value.unit) })),
        view,
      ),
      ...parts.flatMap((_, part) => (shown[part] ? [partSeries(spec, part, shown, scales, view)] : [])),
    ],
  }
}

/** The pieces of one part: each begins where the parts before it end. */
function partSeries(
  { rows, parts }: StackSpec,
  part: number,
  shown: readonly boolean[],
  scales: readonly number[],
  view: View,
): SeriesOption {
  const { color } = lookOf(parts[part]?.color ?? 0, view.palette)
  const data = rows.flatMap(({ values }, row) => {
    const length = values[part] ?? 0
    const start = values
      .slice(0, part)
      .reduce<number>((sum, each, index) => sum + (shown[index] ? (each ?? 0) : 0), 0)
    const scale = scales[row] ?? 1
    return length > 0 ? [[(start + length) / scale, row, start / scale]] : []
  })
  return {
    ...STILL,
    type: 'custom',
    name: parts[part]?.name ?? '',
    itemStyle: { color },
    data,
    renderItem: (_params, api) => {
      const [end = 0, middle = 0] = api.coord([api.value(0), api.value(1)])
      const [start = 0] = api.coord([api.value(2), api.value(1)])
      return {
        type: 'rect',
        shape: {
          x: start,
          y: middle + ROW_SHIFT_PX - BAR_PX / 2,
          width: Math.max(1, end - start),
          height: BAR_PX,
        },
        style: { fill: color, stroke: view.palette.surface, lineWidth: end - start > 4 ? 1 : 0 },
      }
    },
  }
}
