/** Two sweeps at once: a map for each line, of cells that are the fuller, the larger their value. */
import type { CustomSeriesOption, EChartsOption } from 'echarts'
import { counted } from '../../../base/units.ts'
import type { HeatMap, HeatSpec } from '../../document/chart-spec.ts'
import { estimateText, heatScale } from '../../document/chart-units.ts'
import { sideways, sweptLabels } from './axes.ts'
import { FULLEST_CELL, lookOf } from './palette.ts'
import { type Plot, STILL, type View } from './view.ts'

/** Of a row of cells; fewer where there are very many. */
const ROW_PX = 26
const MOST_PX = 900
const AXIS_PX = 52
const RIGHT_PX = 16
/** A narrower cell has no figure in it. */
const FIGURE_PX = 34

export function heatPlot(spec: HeatSpec): Plot {
  const { maps, x, y, value } = spec
  return {
    legend: [],
    height: Math.min(MOST_PX, rowsOf(spec) * ROW_PX) + AXIS_PX,
    trials: 0,
    switches: [],
    option: view => heatOption(spec, view),
    places: () =>
      maps.flatMap(({ name, color, cells }, map) =>
        cells.map(({ value: figure, n, ...cell }) => ({
          x: cell.x,
          y: rowOf(spec, map, cell.y),
          title: `${x.title} ${x.labels[cell.x]}, ${y.title} ${y.labels[cell.y]}`,
          entries: [
            {
              name,
              color,
              text:
                figure === undefined
                  ? 'refused'
                  : `${estimateText(figure, cell, value.unit)}, ${counted(n, 'trial')}`,
            },
          ],
        })),
      ),
  }
}

/** Above the rows of a map there is its name. */
function rowOf({ y }: HeatSpec, map: number, across: number): number {
  return map * (y.values.length + 1) + 1 + across
}

function rowsOf(spec: HeatSpec): number {
  return rowOf(spec, spec.maps.length, -1)
}

function heatOption(spec: HeatSpec, view: View): EChartsOption {
  const { x, y, maps } = spec
  const named = new Map(
    maps.flatMap((_, map) =>
      [y.title, ...y.labels].map((label, index) => [rowOf(spec, map, index - 1), label] as const),
    ),
  )
  const longest = Math.max(...[...named.values()].map(label => label.length))
  const axis = sideways(x.title, view)
  const left = longest * 6.8 + 14
  const shares = x.values.map((_, index) => (index + 0.5) / x.values.length)
  const { label, hideOverlap } = sweptLabels(x, shares, view.width - left - RIGHT_PX)
  return {
    grid: { left, right: RIGHT_PX, top: 2, bottom: AXIS_PX - 2 },
    xAxis: {
      ...axis,
      type: 'value',
      min: -0.5,
      max: x.values.length - 0.5,
      axisLabel: {
        ...axis.axisLabel,
        hideOverlap,
        customValues: [...x.values.keys()],
        formatter: (at: number) => label(Math.round(at)),
      },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    yAxis: {
      type: 'value',
      inverse: true,
      min: -0.5,
      max: rowsOf(spec) - 0.5,
      axisLabel: {
        ...axis.axisLabel,
        customValues: [...named.keys()],
        formatter: (row: number) => named.get(Math.round(row)) ?? '',
      },
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: false },
    },
    series: maps.flatMap((map, index) => [
      nameOf(map, rowOf(spec, index, -1), view),
      cellsOf(spec, index, view),
    ]),
  }
}

function nameOf({ name }: HeatMap, row: number, { palette }: View): CustomSeriesOption {
  return {
    ...STILL,
    type: 'custom',
    data: [[-0.5, row]],
    renderItem: (_params, api) => {
      const [left = 0, middle = 0] = api.coord([-0.5, row])
      const style = { text: name, x: left, y: middle, fontSize: 13, fontWeight: 600, fill: palette.ink }
      return { type: 'text', style: { ...style, verticalAlign: 'middle' } }
    },
  }
}

function cellsOf(spec: HeatSpec, index: number, view: View): CustomSeriesOption {
  const { palette } = view
  const { color = 0, cells = [] } = spec.maps[index] ?? {}
  const scale = heatScale(spec)
  const fill = lookOf(color, palette).color
  return {
    ...STILL,
    type: 'custom',
    data: cells.map(cell => [cell.x, rowOf(spec, index, cell.y)]),
    renderItem: (params, api) => {
      const { value } = cells[params.dataIndex] ?? {}
      const [middle = 0, row = 0] = api.coord([api.value(0), api.value(1)])
      const [width = 0, height = 0] = [api.size?.([1, 1])].flat(2)
      const shape = { x: middle - width / 2, y: row - height / 2, width, height }
      const opacity = value === undefined ? 0 : 0.04 + (FULLEST_CELL - 0.04) * scale.place(value)
      const shown = value === undefined ? '×' : width < FIGURE_PX ? '' : scale.format(value)
      const style = { x: middle, y: row, fontSize: 12, fill: palette.ink, align: 'center' as const }
      return {
        type: 'group',
        children: [
          { type: 'rect', shape, style: { fill, opacity } },
          { type: 'rect', shape, style: { fill: 'none', stroke: palette.surface, lineWidth: 1 } },
          { type: 'text', style: { ...style, text: shown, verticalAlign: 'middle' } },
        ],
      }
    },
  }
}
