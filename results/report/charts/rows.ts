/** Charts whose rows show a name and a figure above the drawing, so that they fit a phone. */
import type { CustomSeriesOption, CustomSeriesRenderItemReturn } from 'echarts'
import type { valueAxis } from './axes.ts'
import { STILL, type View } from './view.ts'

const ROW_PX = 48
const AXIS_PX = 34
const LEFT_PX = 2
/** The drawing is below the middle of its row, the name above it. */
export const ROW_SHIFT_PX = 9

export function rowsHeight(rows: number): number {
  return rows * ROW_PX + AXIS_PX
}

/** Rows from the top down: row i is at i. Below them an axis of values, whose first and last label stay within the picture. */
export function rowsFrame(axis: ReturnType<typeof valueAxis>, count: number, below = 0) {
  return {
    grid: { left: LEFT_PX, right: 24, top: 2, bottom: AXIS_PX - 2 + below, outerBoundsMode: 'none' as const },
    xAxis: {
      ...axis,
      axisLabel: { ...axis.axisLabel, alignMinLabel: 'left' as const, alignMaxLabel: 'right' as const },
    },
    yAxis: {
      type: 'value' as const,
      inverse: true,
      min: -0.5,
      max: count - 0.5,
      interval: 1,
      axisLabel: { show: false },
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: false },
    },
  }
}

/** Names on the left, figures on the right; a name that is too long is cut off. */
export function rowLabels(
  rows: readonly { readonly name: string; readonly figure: string }[],
  { palette, width }: View,
): CustomSeriesOption {
  return {
    ...STILL,
    type: 'custom',
    // An axis reaches to the values of other series alone.
    data: rows.map((_, index) => ['-', index]),
    renderItem: (params, api) => {
      const row = rows[params.dataIndex]
      const [, middle = 0] = api.coord([0, api.value(1)])
      if (!row) return null
      const figureWidth = row.figure.length * 6.6 + 16
      return {
        type: 'group',
        children: [
          {
            type: 'text',
            style: {
              text: row.name,
              x: LEFT_PX,
              y: middle - 13,
              fontSize: 13,
              fontWeight: 600,
              fill: palette.ink,
              verticalAlign: 'middle',
              overflow: 'truncate',
              width: Math.max(60, width - figureWidth - 24),
            },
          },
          {
            type: 'text',
            style: {
              text: row.figure,
              x: width - 20,
              y: middle - 13,
              fontSize: 12,
              fill: palette.muted,
              align: 'right',
              verticalAlign: 'middle',
            },
          },
        ],
      }
    },
  }
}

/** A shape for each item of `data` (a value, its row, further values), drawn from the px of its values and of the middle of the drawing. */
export function rowShapes(
  name: string,
  data: readonly (readonly [number, number, ...number[]])[],
  draw: (values: readonly number[], middle: number) => CustomSeriesRenderItemReturn,
): CustomSeriesOption {
  return {
    ...STILL,
    type: 'custom',
    name,
    data: data.map(item => [...item]),
    renderItem: (params, api) => {
      const [value = 0, row = 0, ...others] = data[params.dataIndex] ?? []
      const [, middle = 0] = api.coord([value, row])
      const values = [value, ...others].map(each => api.coord([each, row])[0] ?? 0)
      return draw(values, middle + ROW_SHIFT_PX)
    },
  }
}
