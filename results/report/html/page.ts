/** Renders a report as one page that contains everything and may load nothing. Pure: a report and assets in, text out. */
import { createHash } from 'node:crypto'
import { blockHtml } from '../../document/html.ts'
import { inline } from '../../document/html-text.ts'
import { type Html, html, json, trusted } from '../../document/markup.ts'
import type { Chart, Document, Section } from '../../document/model.ts'
import { saysNothing } from '../../document/text.ts'
import type { ChartEngine } from '../charts/engine.ts'
import { COLORS, LINE_COLORS } from '../charts/palette.ts'
import { chartHtml } from './chart.ts'

export interface PageAssets {
  readonly script: string
  readonly style: string
  readonly engine: ChartEngine
}

export function renderHtml(report: Document, assets: PageAssets): string {
  const style = `:root{${colorVariables()}}${assets.style}`
  const charts = report.sections.flatMap(chartsOf)
  const drawn = (chart: Chart) => chartHtml(chart, charts.indexOf(chart), assets.engine)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, assets.script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<div class="bar"><h1>${report.title}</h1><button type="button" id="theme" aria-pressed="false">Dark</button></div>
<p class="subtitle">${inline(report.subtitle)}</p>
<nav aria-label="Sections"><ul>${report.sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>
</header>
<main id="main" tabindex="-1">
${report.sections.map(section => sectionHtml(section, drawn))}</main>
<footer><p>${inline(report.footer)}</p></footer>
<p id="spoken" class="unseen" aria-live="polite"></p>
<script type="application/json" id="chart-data">${json(charts.map(chart => chart.spec))}</script>
<script>${trusted(assets.script)}</script>
</body>
</html>
`
  return page.text
}

function sectionHtml({ id, title, blocks }: Section, drawn: (chart: Chart) => Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${blocks.map((block, index) => !saysNothing(block) && html`${blockHtml(block, `${id}-${index}`, drawn)}\n`)}</section>
`
}

function chartsOf({ blocks }: Section): readonly Chart[] {
  return blocks.flatMap(block => (block.kind === 'chart' ? [block.chart] : []))
}

/** Allows only this style and this script, and no loading or sending. Charts set styles on elements. */
function policy(style: string, script: string): string {
  return [...basePolicy(style, script), "style-src-attr 'unsafe-inline'", 'img-src data:'].join('; ')
}

/** What pages of any kind allow: this style and this script. */
export function basePolicy(style: string, script: string): readonly string[] {
  return [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src-elem '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ]
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

export function colorVariables(): string {
  const named = Object.entries(COLORS).map(
    ([name, [light, dark]]) => `--${name}:light-dark(${light},${dark})`,
  )
  const lines = LINE_COLORS.map(([light, dark], index) => `--line-${index}:light-dark(${light},${dark})`)
  return [...named, ...lines].join(';')
}
