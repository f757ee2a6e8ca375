/** Tables: a caption, heads of rows and columns, and for those that can be sorted and filtered what a person does it with. */

import { counted } from '../../base/units.ts'
import { type Html, html } from './markup.ts'
import type { Table, TableCell, TableColumn } from './model.ts'
import { withBars } from './sparkline.ts'
import { capital } from './text.ts'

/** More values than this are too many to choose from. */
const MOST_CHOICES = 30
/** More rows are left out on paper (print.css). */
const MOST_PRINTED = 40

/** `id` is unique on the page. */
export function tableHtml(made: Table, id: string): Html {
  const table = withBars(made)
  const body = html`<div class="scroll" role="group" aria-labelledby="${id}-caption" tabindex="0">
<table id="${id}"${table.interactive ? html` data-interactive` : ''}>
<caption id="${id}-caption">${capital(table.caption)}</caption>
<thead><tr>${table.columns.map(column => headHtml(column, table.interactive === true))}</tr></thead>
<tbody>
${table.rows.map(row => html`<tr>${row.map((cell, index) => cellHtml(cell, table.columns[index], index === 0))}</tr>\n`)}</tbody>
</table>
</div>${table.rows.length > MOST_PRINTED && html`<p class="note printed">The first ${MOST_PRINTED} of ${table.rows.length} rows.</p>`}`
  return table.interactive ? html`${toolsHtml(table, id)}${body}` : body
}

function headHtml({ title, align }: TableColumn, interactive: boolean): Html {
  const side = align === 'right' ? html` class="right"` : ''
  if (!interactive) return html`<th scope="col"${side}>${title}</th>`
  return html`<th scope="col"${side} aria-sort="none"><button type="button" class="sort">${title}</button></th>`
}

function cellHtml(cell: TableCell, column: TableColumn | undefined, head: boolean): Html {
  const classes = [column?.align === 'right' ? 'right' : '', cell.tone ?? ''].filter(Boolean).join(' ')
  const attributes = html`${classes && html` class="${classes}"`}${cell.value !== undefined && html` data-value="${cell.value}"`}`
  const details = [cell.spread, cell.detail].filter(Boolean).join(', ')
  const content = html`${cell.text}${details !== '' && html`<small>${details}</small>`}`
  return head ? html`<th scope="row"${attributes}>${content}</th>` : html`<td${attributes}>${content}</td>`
}

function toolsHtml(table: Table, id: string): Html {
  const choices = table.columns.map((column, index) => choicesHtml(table, column, index, id))
  return html`<form class="tools" role="search" aria-label="${table.caption}" data-filters="${id}">
<label>Rows with <input type="search" name="words" placeholder="any words" autocomplete="off" spellcheck="false"></label>
${choices}<p class="count" role="status" data-count="${id}">${counted(table.rows.length, 'row')}</p>
${csvButton(id)}
</form>`
}

/** Saves the rows that are shown of the table of this id. */
export function csvButton(id: string): Html {
  return html`<button type="button" class="csv" data-csv="${id}">Save rows (CSV)</button>`
}

function choicesHtml({ rows }: Table, column: TableColumn, index: number, id: string): Html | false {
  if (!column.choices) return false
  const values = [...new Set(rows.map(row => row[index]?.text ?? ''))]
  if (values.length < 2 || values.length > MOST_CHOICES) return false
  return html`<label>${column.title} <select name="${column.title}" data-column="${index}" id="${id}-choice-${index}"><option value="">all</option>${values.map(
    value => html`<option>${value}</option>`,
  )}</select></label>\n`
}
