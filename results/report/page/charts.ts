/** Makes charts interactive: redraws each picture for the actual width, with the code that drew it before. */

import type { ChartSpec } from '../../document/chart-spec.ts'
import { init } from '../charts/echarts.ts'
import { chartHeight, chartOption, hiddenAtFirst } from '../charts/option.ts'
import { PAGE_PALETTE } from '../charts/palette.ts'
import type { View } from '../charts/view.ts'
import { all, element, first, press } from './elements.ts'
import type { Resizable } from './printing.ts'
import { wakeReading } from './reading.ts'

export function wakeCharts(): readonly Resizable[] {
  const data = first('#chart-data', HTMLScriptElement)
  // Written by the same program from the same types, into this file.
  const specs: readonly ChartSpec[] = JSON.parse(data?.textContent || '[]')
  return all('figure[data-chart]', HTMLElement).flatMap(figure => {
    const spec = specs[Number(figure.dataset['chart'])]
    const plot = first('.plot', HTMLElement, figure)
    return spec && plot ? [wakeChart(figure, plot, spec)] : []
  })
}

function wakeChart(figure: HTMLElement, plot: HTMLElement, spec: ChartSpec): Resizable {
  const hidden = new Set(hiddenAtFirst(spec))
  const state: { trials: boolean; shares?: boolean; log?: boolean } = { trials: true }
  const picture = element('div', 'picture')
  picture.setAttribute('aria-hidden', 'true')
  plot.replaceChildren(picture)
  const view = (): View => ({ palette: PAGE_PALETTE, width: plot.clientWidth, hidden, ...state })
  const size = () => ({ width: Math.max(200, plot.clientWidth), height: chartHeight(spec, view()) })
  const chart = init(picture, null, { renderer: 'svg', ...size() })
  let drawings = 0
  const draw = () => {
    chart.setOption(chartOption(spec, view()), { notMerge: true, lazyUpdate: false })
    drawings++
  }
  const resize = () => {
    chart.resize(size())
    draw()
  }
  draw()

  for (const button of all('button[data-line]', HTMLButtonElement, figure)) {
    button.addEventListener('click', () => {
      const name = button.dataset['line'] ?? ''
      if (press(button)) hidden.delete(name)
      else hidden.add(name)
      draw()
    })
  }
  for (const button of all('button[data-switch]', HTMLButtonElement, figure)) {
    button.addEventListener('click', () => {
      const on = press(button)
      const name = button.dataset['switch']
      if (name === 'trials' || name === 'shares' || name === 'log') state[name] = on
      draw()
    })
  }
  let width = plot.clientWidth
  new ResizeObserver(() => {
    if (plot.clientWidth === width) return
    width = plot.clientWidth
    resize()
  }).observe(plot)
  wakeReading({
    spec,
    plot,
    hidden,
    drawing: () => drawings,
    pixel: (axis, place) =>
      Number(chart.convertToPixel(axis === 'x' ? { xAxisIndex: 0 } : { yAxisIndex: 0 }, place)),
  })
  return { resize }
}
