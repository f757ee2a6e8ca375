/** Makes charts interactive: redraws each picture for the actual width, with the code that drew it before. */

import type { ChartSpec } from '../../document/chart-spec.ts'
import { init } from '../charts/echarts.ts'
import { PAGE_PALETTE } from '../charts/palette.ts'
import { chartHeight, chartOption, hiddenAtFirst, plotOf } from '../charts/plots.ts'
import type { Place, Plot, View } from '../charts/view.ts'
import { all, element, first, press } from './elements.ts'
import type { Resizable } from './printing.ts'
import { wakeReading } from './reading.ts'

export function wakeCharts(): readonly Resizable[] {
  const data = first('#chart-data', HTMLScriptElement)
  // Written by the same program from the same types, into this file.
  const specs: readonly ChartSpec[] = JSON.parse(data?.textContent || '[]')
  return all('figure[data-chart]', HTMLElement).flatMap(figure => {
    const spec = specs[Number(figure.dataset['chart'])]
    const place = first('.plot', HTMLElement, figure)
    return spec && place ? [wakeChart(figure, place, plotOf(spec))] : []
  })
}

function wakeChart(figure: HTMLElement, place: HTMLElement, plot: Plot): Resizable {
  const hidden = new Set(hiddenAtFirst(plot))
  const state: { trials: boolean; shares?: boolean; log?: boolean; choice?: number } = { trials: true }
  const picture = element('div', 'picture')
  picture.setAttribute('aria-hidden', 'true')
  place.replaceChildren(picture)
  const view = (): View => ({ palette: PAGE_PALETTE, width: place.clientWidth, hidden, ...state })
  const size = () => ({ width: Math.max(200, place.clientWidth), height: chartHeight(plot, view()) })
  const chart = init(picture, null, { renderer: 'svg', ...size() })
  // What can be read, with its px from the left and the top; undefined since the last drawing.
  let places: readonly Place[] | undefined
  const draw = () => {
    chart.setOption(chartOption(plot, view()), { notMerge: true, lazyUpdate: false })
    places = undefined
  }
  const resize = () => {
    chart.resize(size())
    draw()
  }
  const pixel = (axis: { xAxisIndex: 0 } | { yAxisIndex: 0 }, value: number | undefined) =>
    value === undefined ? undefined : Number(chart.convertToPixel(axis, value))
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
  const choices = all('button[data-choice]', HTMLButtonElement, figure)
  for (const button of choices)
    button.addEventListener('click', () => {
      for (const each of choices) each.setAttribute('aria-pressed', String(each === button))
      state.choice = Number(button.dataset['choice'])
      draw()
    })
  let width = place.clientWidth
  new ResizeObserver(() => {
    if (place.clientWidth === width) return
    width = place.clientWidth
    resize()
  }).observe(place)
  wakeReading(place, () => {
    places ??= plot.places(hidden, state.choice).map(({ x, y, ...said }) => ({
      ...said,
      x: pixel({ xAxisIndex: 0 }, x),
      y: pixel({ yAxisIndex: 0 }, y),
    }))
    return places
  })
  return { resize }
}
