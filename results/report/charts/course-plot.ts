/** Every trial as a point: in the order in which they ran, which shows drift and levels; or joined by steps, by size. */
import type { EChartsOption } from 'echarts'
import { formatCount } from '../../../base/units.ts'
import type { CourseSpec } from '../../document/chart-spec.ts'
import { formatValue } from '../../document/chart-units.ts'
import { frameOfLines, LINES_PX, valueAxis } from './axes.ts'
import { lookOf } from './palette.ts'
import { logSwitch, type Plot, shown, UNSHADED, type View } from './view.ts'

export function coursePlot(spec: CourseSpec): Plot {
  const { x: axis, y, lines, steps } = spec
  return {
    legend: lines,
    height: LINES_PX,
    trials: lines.reduce((sum, line) => sum + line.trials.length, 0),
    switches: steps ? [] : [logSwitch(false)],
    option: view => courseOption(spec, view),
    places: hidden =>
      shown(lines, hidden)
        .flatMap(({ name, color, trials }) =>
          trials.map(([x, value, round]) => ({
            x,
            y: value,
            title: `${steps ? formatValue(x, axis.unit) : `trial ${formatCount(x)}`}, round ${formatCount(round)}`,
            entries: [{ name, color, text: formatValue(value, y.unit) + (steps ? ' of the trials' : '') }],
          })),
        )
        .sort((a, b) => a.x - b.x),
  }
}

function courseOption(spec: CourseSpec, view: View): EChartsOption {
  const lines = shown(spec.lines, view.hidden)
  const log = view.log ?? false
  const trials = lines.flatMap(line => line.trials)
  const { xAxis, ...frame } = frameOfLines(
    spec,
    view,
    log,
    trials.map(([, value]) => value),
    12,
  )
  const values = valueAxis(view, spec.x, Math.max(0, ...trials.map(([x]) => x)))
  return {
    ...frame,
    xAxis: spec.steps
      ? {
          ...xAxis,
          ...values,
          axisLabel: { ...values.axisLabel, alignMaxLabel: 'right' },
          axisLine: xAxis.axisLine,
          splitLine: xAxis.splitLine,
        }
      : { ...xAxis, type: 'value', min: 0, minInterval: 1 },
    series: lines.map(line => {
      const { color, symbol, dash } = lookOf(line.color, view.palette)
      return {
        ...UNSHADED,
        // Every point can be read.
        silent: false,
        ...(spec.steps
          ? { type: 'line', step: 'end', lineStyle: { color, width: 2, type: dash } }
          : { type: 'scatter' }),
        name: line.name,
        symbol,
        symbolSize: spec.steps ? 4 : 6,
        itemStyle: { color, opacity: 0.75 },
        data: line.trials.filter(([, value]) => !log || value > 0).map(trial => [...trial]),
      }
    }),
  }
}
