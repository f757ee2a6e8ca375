/** A chart on a page: a picture that needs no script, a legend of buttons, and the figures behind it. */

import type { ChartSpec } from '../../document/chart-spec.ts'
import { csvButton, tableHtml } from '../../document/html-table.ts'
import { inline } from '../../document/html-text.ts'
import { type Html, html, trusted } from '../../document/markup.ts'
import type { Chart, Text } from '../../document/model.ts'
import type { ChartEngine } from '../charts/engine.ts'
import { colorOf, lookOf, PAGE_PALETTE } from '../charts/palette.ts'
import { chartHeight, hiddenAtFirst, plotOf } from '../charts/plots.ts'
import type { Key, Plot, View } from '../charts/view.ts'

/** The picture is drawn for this width and scaled; the script redraws it for the actual width. */
const DRAWN_WIDTH = 960
/** More single trials than this are drawn only by the script. */
const MOST_DRAWN_TRIALS = 250

/** @param number its index among the charts in the data of the page */
export function chartHtml(
  { id, title, spec, notes = [], table }: Chart,
  number: number,
  engine: ChartEngine,
): Html {
  const plot = plotOf(spec)
  const many = plot.trials > MOST_DRAWN_TRIALS
  const hidden = hiddenAtFirst(plot)
  const view: View = { palette: PAGE_PALETTE, width: DRAWN_WIDTH, trials: !many, hidden }
  const drawn = many ? thinned(spec, Math.ceil(plot.trials / MOST_DRAWN_TRIALS)) : spec
  return html`<figure class="chart" id="${id}" data-chart="${number}">
<figcaption><h3><a href="#${id}">${title}</a></h3></figcaption>
<div class="plot" role="group" aria-label="${title}" style="height:${chartHeight(plot, view)}px"><div class="picture" aria-hidden="true">${trusted(
    pictureOf(engine.draw(drawn, view, id)),
  )}</div></div>
${toolsHtml(plot, title, hidden, table && csvButton(`${id}-table`))}
${[...notes, ...hiddenNote(plot, hidden)].map(note => html`<p class="note">${inline(note)}</p>\n`)}${
  table &&
  html`<details><summary>Figures of this chart</summary>
${tableHtml(table, `${id}-table`)}</details>
`
}</figure>`
}

function hiddenNote({ legend }: Plot, { size }: ReadonlySet<string>): readonly Text[] {
  const lines = legend.length
  return size > 0 ? [[`${lines - size} of ${lines} lines are drawn; the buttons show the others.`]] : []
}

/** Every so many trials of a chart that shows only trials. */
function thinned(spec: ChartSpec, step: number): ChartSpec {
  if (spec.kind !== 'course') return spec
  const lines = spec.lines.map(line => ({
    ...line,
    trials: line.trials.filter((_, index) => index % step === 0),
  }))
  return { ...spec, lines }
}

/** Makes it fill its place. */
function pictureOf(svg: string): string {
  return svg.replace(/^<svg width="\d+" height="\d+"/, '<svg width="100%" height="100%"')
}

function toolsHtml(
  { legend, switches, choices = [] }: Plot,
  title: string,
  hidden: ReadonlySet<string>,
  saving: Html | undefined,
): Html {
  return html`<div class="chart-tools" role="group" aria-label="Tools of the chart: ${title}">${choices.map(
    (name, index) =>
      html`<button type="button" class="choice" aria-pressed="${String(index === 0)}" data-choice="${index}"><bdi>${name}</bdi></button>\n`,
  )}${legend.map(
    key =>
      html`<button type="button" class="key" aria-pressed="${String(!hidden.has(key.name))}" data-line="${key.name}">${swatch(key)}<bdi>${key.name}</bdi></button>\n`,
  )}${switches.map(
    ({ name, text, on }) =>
      html`<button type="button" class="switch" aria-pressed="${String(on)}" data-switch="${name}">Show ${text}</button>\n`,
  )}${saving}</div>`
}

const SHAPES = {
  circle: 'M8 3a5 5 0 1 0 .01 0Z',
  diamond: 'M8 2 14 8 8 14 2 8Z',
  triangle: 'M8 2.5 14 13H2Z',
  rect: 'M3 3H13V13H3Z',
} as const

function swatch(key: Key): Html {
  const shape = SHAPES[key.icon ?? lookOf(key.color, PAGE_PALETTE).symbol]
  return html`<svg class="swatch" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="${shape}" fill="${colorOf(key, PAGE_PALETTE)}"/></svg>`
}
