/** The options of ECharts for a chart. Pure; runs in Node and in the browser. */
import type { EChartsOption } from 'echarts'
import { unreachable } from '../../../base/errors.ts'
import type { ChartSpec } from '../../document/chart-spec.ts'
import { casesOption } from './cases-option.ts'
import { courseOption } from './course-option.ts'
import { rowsHeight } from './rows.ts'
import { stackOption } from './stack-option.ts'
import { sweepOption } from './sweep-option.ts'
import { FONT, legendRoom, type View } from './view.ts'

export function chartOption(spec: ChartSpec, view: View): EChartsOption {
  return {
    // The page does not move, and a picture is the same at every call.
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: view.palette.muted },
    ...specificOption(spec, view),
  }
}

/** Height in px. */
export function chartHeight(spec: ChartSpec, view: View): number {
  const base = spec.kind === 'cases' || spec.kind === 'stack' ? rowsHeight(spec.rows.length) : 340
  return base + legendRoom(view, legendOf(spec))
}

/** The entries of a legend, each with the number of its colour; none if the rows of a chart show their names. */
export function legendOf(spec: ChartSpec): readonly { readonly name: string; readonly color: number }[] {
  switch (spec.kind) {
    case 'sweep':
    case 'course':
      return spec.lines
    case 'stack':
      return spec.parts
    case 'cases':
      return []
    default:
      return unreachable(spec)
  }
}

/** More lines cannot be told apart. */
const MOST_LINES = 8

/** Names of the lines that are not drawn until their button is pressed. */
export function hiddenAtFirst(spec: ChartSpec): ReadonlySet<string> {
  const lines = spec.kind === 'sweep' || spec.kind === 'course' ? spec.lines : []
  return new Set(lines.slice(MOST_LINES).map(line => line.name))
}

function specificOption(spec: ChartSpec, view: View): EChartsOption {
  switch (spec.kind) {
    case 'sweep':
      return sweepOption(spec, view)
    case 'cases':
      return casesOption(spec, view)
    case 'stack':
      return stackOption(spec, view)
    case 'course':
      return courseOption(spec, view)
    default:
      return unreachable(spec)
  }
}
