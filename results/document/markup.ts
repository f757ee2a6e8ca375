/** Text that is HTML or XML, and text that becomes it: whatever is put into a template is escaped, unless it is markup already. */

/** Made by `html` and `trusted` only. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Html | readonly Value[] | undefined | false

/** A piece of a page. Arrays stand one after the other; undefined and false are nothing. */
export function html(pieces: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    pieces.map((piece, index) => (index === 0 ? '' : render(values[index - 1])) + piece).join(''),
  )
}

/** Text of our own that is HTML already, such as a picture or the style sheet. */
export function trusted(text: string): Html {
  return new Html(text)
}

/** A value within a script element of JSON: nothing in it can end the element, or a line of script. */
export function json(value: unknown): Html {
  const coded = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return new Html(JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, coded))
}

function render(value: Value): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value))
  return value.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters that HTML does not allow become what a reader sees of them. */
function escaped(text: string): string {
  return text
    .replaceAll(/(?![\t\n])\p{Cc}/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, character => ENTITIES[character] ?? '')
}
