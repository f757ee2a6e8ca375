/** Renders a report as one page that contains everything and may load nothing. Pure: a report and assets in, text out. */
import { createHash } from 'node:crypto'
import { blockHtml } from '../../document/html.ts'
import { inline } from '../../document/html-text.ts'
import { type Html, html, json, trusted } from '../../document/markup.ts'
import type { Chart, Document, Section } from '../../document/model.ts'
import { saysNothing } from '../../document/text.ts'
import type { ChartEngine } from '../charts/engine.ts'
import { COLORS, LINE_COLORS, PART_COLORS } from '../charts/palette.ts'
import { chartHtml } from './chart.ts'

export interface PageAssets {
  readonly script: string
  readonly style: string
  readonly engine: ChartEngine
}

export function renderHtml(report: Document, { engine, ...assets }: PageAssets): string {
  const charts = report.sections.flatMap(chartsOf)
  const drawn = (chart: Chart) => chartHtml(chart, charts.indexOf(chart), engine)
  const body = html`<a class="skip" href="#main">Skip to the content</a>
<header>
<div class="bar"><h1>${report.title}</h1><button type="button" id="theme">Dark colours</button></div>
<p class="subtitle">${inline(report.subtitle)}</p>
<nav aria-label="Sections"><ul>${report.sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>
</header>
<main id="main" tabindex="-1">
${report.sections.map(section => sectionHtml(section, drawn))}</main>
<footer><p>${inline(report.footer)}</p></footer>
<p id="spoken" class="unseen" aria-live="polite"></p>
<script type="application/json" id="chart-data">${json(charts.map(chart => chart.spec))}</script>`
  // Charts set styles on elements.
  const allowed = ["style-src-attr 'unsafe-inline'", 'img-src data:']
  return pageOf(report.title, assets, body, allowed, true).page
}

/**
 * A page of any kind, which loads nothing but its own style and script, and its policy: what is `allowed` beside these.
 * @param alone the page holds its policy; otherwise that has to be served with it
 */
export function pageOf(
  title: string,
  { script, style: sheet }: Omit<PageAssets, 'engine'>,
  body: Html,
  allowed: readonly string[],
  alone: boolean,
): { readonly page: string; readonly policy: string } {
  const style = `:root{${colorVariables()}}${sheet}`
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src-elem '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    ...allowed,
  ].join('; ')
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${alone && html`<meta http-equiv="Content-Security-Policy" content="${policy}">\n`}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
${body}
<script>${trusted(script)}</script>
</body>
</html>
`
  return { page: page.text, policy }
}

function sectionHtml({ id, title, blocks }: Section, drawn: (chart: Chart) => Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><a href="#${id}">${title}</a></h2>
${blocks.map((block, index) => !saysNothing(block) && html`${blockHtml(block, `${id}-${index}`, drawn)}\n`)}</section>
`
}

function chartsOf({ blocks }: Section): readonly Chart[] {
  return blocks.flatMap(block => (block.kind === 'chart' ? [block.chart] : []))
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function colorVariables(): string {
  const named = Object.entries(COLORS).map(
    ([name, [light, dark]]) => `--${name}:light-dark(${light},${dark})`,
  )
  const lines = Object.entries({ line: LINE_COLORS, part: PART_COLORS }).flatMap(([name, all]) =>
    all.map(([light, dark], index) => `--${name}-${index}:light-dark(${light},${dark})`),
  )
  return [...named, ...lines].join(';')
}
