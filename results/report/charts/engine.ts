/** Draws charts as SVG without a browser. Bundled with ECharts by the build (assets/charts.js); load it with `loadChartEngine`. */
import { LegendPlainComponent } from 'echarts/components'
import type { ChartSpec } from '../../document/chart-spec.ts'
import { init, use } from './echarts.ts'
import { chartHeight, chartOption, plotOf } from './plots.ts'
import type { View } from './view.ts'

// The page has a legend of buttons.
use([LegendPlainComponent])

export interface ChartEngine {
  readonly draw: typeof draw
}

/** An SVG document. `id` begins the names of what it defines, so that several fit into one page. */
export function draw(spec: ChartSpec, view: View, id: string): string {
  const plot = plotOf(spec)
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: view.width,
    height: chartHeight(plot, view),
  })
  try {
    chart.setOption(chartOption(plot, view))
    return plainSvg(chart.renderToSVGString(), id)
  } finally {
    chart.dispose()
  }
}

/**
 * Without what ECharts adds for a script that would make the picture move: classes and their style sheet (which the page's policy would
 * forbid), and numbers of data. Texts cannot be met: their quotes are escaped.
 */
function plainSvg(svg: string, id: string): string {
  return svg
    .replace(/<style\b[^>]*><!\[CDATA\[[^\]]*\]\]>\s*<\/style>/g, '')
    .replaceAll(/ (?:class="zr\d+-cls-\d+"|ecmeta_[a-z_]+="[^"]*"|pointer-events="[a-z]+")/g, '')
    .replaceAll(/(id="|url\(#)zr\d+-/g, `$1${id}-`)
    .replaceAll(/>\s*<\/(path|rect|circle|polyline|polygon)>/g, '/>')
}
