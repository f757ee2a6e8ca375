/** Every trial, in the order in which they ran: shows drift, and levels. */
import type { EChartsOption } from 'echarts'
import { formatCount } from '../../../base/units.ts'
import type { CourseSpec } from '../../document/chart-spec.ts'
import { formatValue } from '../../document/chart-units.ts'
import { frameOfLines, LINES_PX } from './axes.ts'
import { lookOf } from './palette.ts'
import { logSwitch, type Plot, shown, UNSHADED, type View } from './view.ts'

export function coursePlot(spec: CourseSpec): Plot {
  return {
    legend: spec.lines,
    height: LINES_PX,
    trials: spec.lines.reduce((sum, line) => sum + line.trials.length, 0),
    switches: [logSwitch(false)],
    option: view => courseOption(spec, view),
    places: hidden =>
      shown(spec.lines, hidden)
        .flatMap(({ name, color, trials }) =>
          trials.map(([order, value, round]) => ({
            x: order,
            y: value,
            title: `trial ${formatCount(order)}, round ${formatCount(round)}`,
            entries: [{ name, color, text: formatValue(value, spec.y.unit) }],
          })),
        )
        .sort((a, b) => a.x - b.x),
  }
}

function courseOption(spec: CourseSpec, view: View): EChartsOption {
  const lines = shown(spec.lines, view.hidden)
  const log = view.log ?? false
  const values = lines.flatMap(line => line.trials.map(([, value]) => value))
  const { xAxis, ...frame } = frameOfLines(spec, view, log, values, 12)
  return {
    ...frame,
    xAxis: { ...xAxis, type: 'value', min: 0, minInterval: 1 },
    series: lines.map(line => {
      const { color, symbol } = lookOf(line.color, view.palette)
      return {
        ...UNSHADED,
        // Every point can be read.
        silent: false,
        type: 'scatter',
        name: line.name,
        symbol,
        symbolSize: 6,
        itemStyle: { color, opacity: 0.75 },
        data: line.trials.filter(([, value]) => !log || value > 0).map(trial => [...trial]),
      }
    }),
  }
}
