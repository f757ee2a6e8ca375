/** Blocks of a page. */
import { unreachable } from '../../base/errors.ts'
import { tableHtml } from './html-table.ts'
import { figuresHtml, findingsHtml, inline, listHtml, notesHtml, termsHtml, unbroken } from './html-text.ts'
import { type Html, html } from './markup.ts'
import type { Chart, PageBlock } from './model.ts'
import { capitalized } from './text.ts'

/** `id` is unique on the page. */
export function blockHtml(block: PageBlock, id: string, drawn: (chart: Chart) => Html): Html {
  switch (block.kind) {
    case 'text':
      return html`<p>${inline(block.text)}</p>`
    case 'heading':
      return html`<h3>${inline(capitalized(block.text))}</h3>${linesHtml(block.common ?? [])}`
    case 'list':
      return listHtml(block.items)
    case 'findings':
      return findingsHtml(block.items)
    case 'figures':
      return figuresHtml(block.items)
    case 'notes':
      return notesHtml(block.items)
    case 'terms':
      return termsHtml(block.items)
    case 'table':
      return tableHtml(block.table, id)
    case 'legend':
      return html`<p class="note">${unbroken(block.lines.join(' '))}</p>`
    case 'chart':
      return drawn(block.chart)
    case 'command':
      return commandHtml(block.command.lines, id)
    default:
      return unreachable(block)
  }
}

function linesHtml(lines: readonly string[]): readonly Html[] {
  return lines.filter(Boolean).map(line => html`\n<p>${unbroken(line)}</p>`)
}

function commandHtml(lines: readonly string[], id: string): Html {
  return html`<div class="command"><pre tabindex="0" role="group" aria-label="Command" id="${id}"><code>${lines.join('\n')}</code></pre>
<button type="button" data-copy="${id}">Copy the command</button></div>`
}
