/** Sentences and lists of them. */

import { type Html, html } from './markup.ts'
import type { Figure, Finding, Inline, Note, Term, Text } from './model.ts'
import { holdFigures } from './text.ts'

export function inline(text: Text): readonly Html[] {
  return text.map(inlinePiece)
}

export function listHtml(items: readonly Text[]): Html {
  return html`<ul class="sentences">${items.map(item => html`<li>${inline(item)}</li>`)}</ul>`
}

export function findingsHtml(items: readonly Finding[]): Html {
  return html`<ul class="sentences">${items.map(
    ({ text, tone, more = [] }) =>
      html`<li class="${tone}">${inline(text)}${more.map(each => ` ${unbroken(each)}`)}</li>`,
  )}</ul>`
}

export function figuresHtml(items: readonly Figure[]): Html {
  return html`<dl class="figures">${items.map(
    ({ label, value, details }) =>
      html`<div><dt>${name(label)}</dt><dd><span class="value">${value}</span>${details.map(
        each => html`<span class="detail">${each}</span>`,
      )}</dd></div>`,
  )}</dl>`
}

export function notesHtml(items: readonly Note[]): Html {
  return html`<ul class="notes">${items.map(
    ({ message, remedy }) =>
      html`<li><p>${unbroken(message)}</p>${remedy !== undefined && html`<p class="remedy">${unbroken(remedy)}</p>`}</li>`,
  )}</ul>`
}

export function termsHtml(items: readonly Term[]): Html {
  return html`<dl class="terms">${items.map(
    ({ term, meaning }) => html`<dt>${term}</dt><dd>${inline(meaning)}</dd>`,
  )}</dl>`
}

function inlinePiece(piece: Inline): Html {
  if (typeof piece === 'string') return html`${unbroken(piece)}`
  if ('strong' in piece) return html`<strong>${unbroken(piece.strong)}</strong>`
  if ('code' in piece) return html`<code>${piece.code}</code>`
  return name(piece.name)
}

/** A figure and its unit stay on one line, and so do a flag and what it begins with. */
export function unbroken(text: string): string {
  return holdFigures(text).replaceAll(/(?<=^|\s)--(?=\w)/g, '\u2060-\u2060-\u2060')
}

/** A name may be written from right to left, or say that it is; what follows it does not turn round with it. */
function name(text: string): Html {
  return html`<bdi>${text}</bdi>`
}
