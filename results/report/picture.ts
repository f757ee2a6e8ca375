/** Renders a chart as a picture of its own, with title, legend and background. */
import { html, trusted } from '../document/markup.ts'
import type { Chart } from '../document/model.ts'
import type { ChartEngine } from './charts/engine.ts'
import { PAPER_PALETTE } from './charts/palette.ts'
import { FONT } from './charts/view.ts'

const WIDTH = 960
const MARGIN = 24
const TITLE_PX = 48

/** An SVG document. */
export function renderPicture(chart: Chart, engine: ChartEngine): string {
  const drawn = engine.draw(
    chart.spec,
    { palette: PAPER_PALETTE, width: WIDTH - 2 * MARGIN, legend: true },
    chart.id,
  )
  const height = Math.ceil(Number(/^<svg width="\d+" height="([\d.]+)"/.exec(drawn)?.[1] ?? 0))
  const whole = height + TITLE_PX + MARGIN
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${whole}" viewBox="0 0 ${WIDTH} ${whole}" role="img" aria-label="${chart.title}">
<title>${chart.title}</title>
<rect width="${WIDTH}" height="${whole}" fill="${PAPER_PALETTE.surface}"/>
<text x="${MARGIN}" y="34" style="font-family:${FONT};font-size:18px;font-weight:600" fill="${PAPER_PALETTE.ink}">${chart.title}</text>
${trusted(drawn.replace('<svg ', `<svg x="${MARGIN}" y="${TITLE_PX}" `))}
</svg>
`.text
}
