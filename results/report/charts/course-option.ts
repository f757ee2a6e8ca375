/** Every trial, in the order in which they ran: shows drift, and levels. */
import type { EChartsOption } from 'echarts'
import type { CourseSpec } from '../../document/chart-spec.ts'
import { lookOf } from './palette.ts'
import { labelRoom, legend, legendRoom, logAxis, rangeOf, UNSHADED, type View, valueAxis } from './view.ts'

export function courseOption(spec: CourseSpec, view: View): EChartsOption {
  const { palette } = view
  const lines = spec.lines.filter(line => !view.hidden?.has(line.name))
  const values = lines.flatMap(line => line.trials.map(([, value]) => value))
  const { bottom, top } = rangeOf(values)
  const log = view.log ?? false
  return {
    grid: {
      left: labelRoom(spec.y.unit, top, log),
      right: 16,
      top: 12,
      bottom: 52 + legendRoom(view, spec.lines),
    },
    xAxis: {
      type: 'value',
      min: 0,
      minInterval: 1,
      name: spec.x.title,
      nameLocation: 'middle',
      nameGap: 32,
      nameTextStyle: { color: palette.muted, fontSize: 12 },
      axisLabel: { color: palette.muted, fontSize: 12, hideOverlap: true },
      axisLine: { lineStyle: { color: palette.muted } },
      axisTick: { lineStyle: { color: palette.muted } },
      splitLine: { show: false },
    },
    yAxis: log ? logAxis(view, spec.y.unit, bottom, top) : valueAxis(view, spec.y.unit, top),
    ...legend(view, spec.lines),
    series: lines.map(line => {
      const { color, symbol } = lookOf(line.color, palette)
      return {
        ...UNSHADED,
        // Every point can be read.
        silent: false,
        type: 'scatter',
        name: line.name,
        symbol,
        symbolSize: 6,
        itemStyle: { color, opacity: 0.75 },
        data: line.trials
          .filter(([, value]) => !log || value > 0)
          .map(([order, value, round]) => [order, value, round]),
      }
    }),
  }
}
