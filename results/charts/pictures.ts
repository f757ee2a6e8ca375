/** What pictures in a terminal have in common: how large they are, how many lines they hold, the labels of their axes. */
import { counted, formatPercent } from '../../base/units.ts'
import type { RenderOptions } from '../document/model.ts'
import { wrapWords } from '../document/text.ts'
import { drawPlot, type Plot, type Series } from './plot.ts'

/** Narrower than this, a chart is no picture. */
export const MIN_WIDTH = 40
export const MAX_WIDTH = 120
/** What one picture can hold, and a few screens. */
const MAX_SERIES = 6
export const MAX_CHARTS = 4

/** Draws as many plots as a few screens hold, an empty line between them; `more` says what has no plot. Empty without any. */
export function drawPlots(
  plots: readonly Plot[],
  more: (left: number) => string,
  { width, color }: RenderOptions,
): readonly string[] {
  if (plots.length === 0) return []
  if (width < MIN_WIDTH)
    return wrapWords(`No charts: they need ${MIN_WIDTH} columns, this terminal has ${width}.`, width)
  const left = plots.length - MAX_CHARTS
  return [
    ...plots.slice(0, MAX_CHARTS).map(plot => drawSeries(plot, Math.min(width, MAX_WIDTH), color)),
    ...(left > 0 ? [wrapWords(more(left), width)] : []),
  ].flatMap((lines, index) => (index > 0 ? ['', ...lines] : lines))
}

/** Draws as many series as can be told from each other. */
export function drawSeries(plot: Plot, width: number, color: boolean): readonly string[] {
  const more = plot.series.length - MAX_SERIES
  const lines = drawPlot({ ...plot, series: plot.series.slice(0, MAX_SERIES) }, width, color)
  if (more <= 0) return lines
  return [
    ...lines,
    ...wrapWords(
      `  ${counted(more, 'more case has', 'more cases have')} no line here; the table has them.`,
      width,
      '  ',
    ),
  ]
}

/** The label of a share on an axis. */
export function shareLabel(value: number): string {
  if (value === 0) return '0 %'
  return value < 0.0001 ? formatPercent(value) : `${formatScale(value * 100)} %`
}

/** A round number of an axis, without the noise of adding up steps. */
export function formatScale(value: number): string {
  return String(Number(value.toPrecision(6)))
}

export function hasValues(series: Series): boolean {
  return series.values.some(value => value !== undefined)
}
