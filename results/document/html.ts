/** Blocks of a page. */
import { unreachable } from '../../base/errors.ts'
import { tableHtml } from './html-table.ts'
import { inline, nameHtml, unbroken } from './html-text.ts'
import { type Html, html } from './markup.ts'
import type { Chart, PageBlock } from './model.ts'
import { capitalized } from './text.ts'

/** `id` is unique on the page. */
export function blockHtml(block: PageBlock, id: string, drawn: (chart: Chart) => Html): Html {
  switch (block.kind) {
    case 'text':
      return html`<p>${inline(block.text)}</p>`
    case 'heading':
      return html`<h3>${inline(capitalized(block.text))}</h3>${(block.common ?? [])
        .filter(Boolean)
        .map(line => html`\n<p>${unbroken(line)}</p>`)}`
    case 'list':
      return html`<ul class="sentences">${block.items.map(item => html`<li>${inline(item)}</li>`)}</ul>`
    case 'findings':
      return html`<ul class="sentences">${block.items.map(
        ({ text, tone, more = [] }) =>
          html`<li class="${tone}">${inline(text)}${more.map(each => ` ${unbroken(each)}`)}</li>`,
      )}</ul>`
    case 'figures':
      return html`<dl class="figures">${block.items.map(
        ({ label, value, details }) =>
          html`<div><dt>${nameHtml(label)}</dt><dd><span class="value">${value}</span>${details.map(
            each => html`<span class="detail">${each}</span>`,
          )}</dd></div>`,
      )}</dl>`
    case 'pictures':
      return html`<div class="pictures">${block.items.map(
        ({ png, width, height, caption }) =>
          html`<figure><img src="data:image/png;base64,${Buffer.from(png).toString('base64')}" width="${width}" height="${height}" alt=""><figcaption>${unbroken(caption)}</figcaption></figure>`,
      )}</div>`
    case 'notes':
      return html`<ul class="notes">${block.items.map(
        ({ message, remedy }) =>
          html`<li><p>${unbroken(message)}</p>${remedy !== undefined && html`<p class="remedy">${unbroken(remedy)}</p>`}</li>`,
      )}</ul>`
    case 'terms':
      return html`<dl class="terms">${block.items.map(
        ({ term, meaning }) => html`<dt>${term}</dt><dd>${inline(meaning)}</dd>`,
      )}</dl>`
    case 'table':
      return tableHtml(block.table, id)
    case 'legend':
      return html`<p class="note">${unbroken(block.lines.join(' '))}</p>`
    case 'chart':
      return drawn(block.chart)
    case 'command':
      return html`<div class="command"><pre tabindex="0" role="group" aria-label="Command" id="${id}"><code>${block.lines.join('\n')}</code></pre>
<button type="button" data-copy="${id}">Copy the command</button></div>`
    default:
      return unreachable(block)
  }
}
