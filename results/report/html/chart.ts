/** A chart on a page: a picture that needs no script, a legend of buttons, and the figures behind it. */

import type { ChartSpec } from '../../document/chart-spec.ts'
import { tableHtml } from '../../document/html-table.ts'
import { inline } from '../../document/html-text.ts'
import { type Html, html, trusted } from '../../document/markup.ts'
import type { Chart, Text } from '../../document/model.ts'
import type { ChartEngine } from '../charts/engine.ts'
import { chartHeight, hiddenAtFirst, legendOf } from '../charts/option.ts'
import { lookOf, PAGE_PALETTE } from '../charts/palette.ts'
import type { View } from '../charts/view.ts'

/** The picture is drawn for this width and scaled; the script redraws it for the actual width. */
const DRAWN_WIDTH = 960
/** More single trials than this are drawn only by the script. */
const MOST_DRAWN_TRIALS = 250

/** @param number its index among the charts in the data of the page */
export function chartHtml(chart: Chart, number: number, engine: ChartEngine): Html {
  const { id, title, notes = [], table } = chart
  const many = trialsOf(chart.spec) > MOST_DRAWN_TRIALS
  const hidden = hiddenAtFirst(chart.spec)
  const view: View = { palette: PAGE_PALETTE, width: DRAWN_WIDTH, trials: !many, hidden }
  const spec = many ? thinned(chart.spec) : chart.spec
  return html`<figure class="chart" id="${id}" data-chart="${number}">
<figcaption><h3>${title}</h3></figcaption>
${toolsHtml(chart, hidden)}
<div class="plot" role="group" aria-label="${title}" style="height:${chartHeight(spec, view)}px"><div class="picture" aria-hidden="true">${trusted(
    pictureOf(engine.draw(spec, view, id)),
  )}</div></div>
${[...notes, ...hiddenNote(chart.spec, hidden)].map(note => html`<p class="note">${inline(note)}</p>\n`)}${
  table &&
  html`<details><summary>Figures of this chart</summary>
${tableHtml(table, `${id}-table`)}</details>
`
}</figure>`
}

function hiddenNote(spec: ChartSpec, { size }: ReadonlySet<string>): readonly Text[] {
  const lines = legendOf(spec).length
  return size > 0 ? [[`${lines - size} of ${lines} lines are drawn; the buttons above show the others.`]] : []
}

/** Drops trials from a chart that shows only trials. */
function thinned(spec: ChartSpec): ChartSpec {
  if (spec.kind !== 'course') return spec
  const step = Math.ceil(trialsOf(spec) / MOST_DRAWN_TRIALS)
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

function toolsHtml({ spec, title }: Chart, hidden: ReadonlySet<string>): Html {
  const lines = legendOf(spec).map(
    ({ name, color }) =>
      html`<button type="button" class="key" aria-pressed="${String(!hidden.has(name))}" data-line="${name}">${swatch(color, spec)}<bdi>${name}</bdi></button>\n`,
  )
  const switches = switchesOf(spec).map(
    ({ name, text, on }) =>
      html`<button type="button" class="switch" aria-pressed="${String(on)}" data-switch="${name}">${text}</button>\n`,
  )
  return html`<div class="chart-tools" role="group" aria-label="What is shown: ${title}">${lines}${switches}</div>`
}

/** Switches beside those of the lines. */
function switchesOf(spec: ChartSpec) {
  const trials = { name: 'trials', text: 'single trials', on: true }
  switch (spec.kind) {
    case 'sweep':
      return [...(trialsOf(spec) > 0 ? [trials] : []), { name: 'log', text: 'logarithmic', on: spec.y.log }]
    case 'cases':
      return [trials]
    case 'stack':
      return spec.value.ceiling === undefined
        ? [{ name: 'shares', text: 'as shares', on: spec.shares ?? false }]
        : []
    case 'course':
      return [{ name: 'log', text: 'logarithmic', on: false }]
  }
}

const SHAPES: Readonly<Record<string, string>> = {
  circle: 'M8 3a5 5 0 1 0 .01 0Z',
  diamond: 'M8 2 14 8 8 14 2 8Z',
  triangle: 'M8 2.5 14 13H2Z',
  rect: 'M3 3H13V13H3Z',
}

function swatch(color: number, spec: ChartSpec): Html {
  const look = lookOf(color, PAGE_PALETTE)
  const symbol = spec.kind === 'stack' ? 'rect' : look.symbol
  return html`<svg class="swatch" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="${SHAPES[symbol] ?? ''}" fill="${look.color}"/></svg>`
}

function trialsOf(spec: ChartSpec): number {
  switch (spec.kind) {
    case 'sweep':
    case 'course':
      return spec.lines.reduce((sum, line) => sum + line.trials.length, 0)
    case 'cases':
      return spec.rows.reduce((sum, row) => sum + row.trials.length, 0)
    case 'stack':
      return 0
  }
}
