/** Text on a page. */
import { type Html, html } from './markup.ts'
import type { Inline, Text } from './model.ts'
import { holdFigures } from './text.ts'

export function inline(text: Text): readonly Html[] {
  return text.map(pieceHtml)
}

function pieceHtml(piece: Inline): Html {
  if (typeof piece === 'string') return html`${unbroken(piece)}`
  if ('strong' in piece) return html`<strong>${unbroken(piece.strong)}</strong>`
  if ('code' in piece) return html`<code>${piece.code}</code>`
  if ('link' in piece) return html`<a href="#${piece.to}">${unbroken(piece.link)}</a>`
  return nameHtml(piece.name)
}

/** A figure and its unit stay on one line, and so do a flag and what it begins with. */
export function unbroken(text: string): string {
  return holdFigures(text).replaceAll(/(?<=^|\s)--(?=\w)/g, '\u2060-\u2060-\u2060')
}

/** A name may be written from right to left, or say that it is; what follows it does not turn round with it. */
export function nameHtml(name: string): Html {
  return html`<bdi>${name}</bdi>`
}
