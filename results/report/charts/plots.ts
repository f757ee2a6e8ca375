/** Charts as plots. Pure; runs in Node and in the browser. */
import type { EChartsOption } from 'echarts'
import { unreachable } from '../../../base/errors.ts'
import type { ChartSpec } from '../../document/chart-spec.ts'
import { casesPlot } from './cases-plot.ts'
import { coursePlot } from './course-plot.ts'
import { heatPlot } from './heat-plot.ts'
import { hostsPlot } from './hosts-plot.ts'
import { stackPlot } from './stack-plot.ts'
import { sweepPlot } from './sweep-plot.ts'
import { FONT, legendRoom, type Plot, type View } from './view.ts'

export function plotOf(spec: ChartSpec): Plot {
  switch (spec.kind) {
    case 'sweep':
      return sweepPlot(spec)
    case 'heat':
      return heatPlot(spec)
    case 'hosts':
      return hostsPlot(spec)
    case 'cases':
      return casesPlot(spec)
    case 'stack':
      return stackPlot(spec)
    case 'course':
      return coursePlot(spec)
    default:
      return unreachable(spec)
  }
}

/** The options of ECharts for a plot. */
export function chartOption(plot: Plot, view: View): EChartsOption {
  return {
    // The page does not move, and a picture is the same at every call.
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: view.palette.muted },
    ...plot.option(view),
  }
}

/** Height in px. */
export function chartHeight({ height, legend }: Plot, view: View): number {
  return height + legendRoom(view, legend)
}

/** More lines cannot be distinguished. */
const MOST_LINES = 8

/** Names of the lines that are not drawn until their button is pressed. */
export function hiddenAtFirst({ legend }: Plot): ReadonlySet<string> {
  return new Set(legend.slice(MOST_LINES).map(line => line.name))
}
