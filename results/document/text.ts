/** Lines of text within a width. */
import wrapAnsi from 'wrap-ansi'

/**
 * Words in lines of at most `width` columns; the first line keeps the spaces that `text` begins with, later ones begin with
 * `indent`. A word that is longer than a line is broken. A no-break space is a part of its word.
 */
export function wrapWords(text: string, width: number, indent = ''): readonly string[] {
  const words = text.trimStart()
  const lead = text.slice(0, text.length - words.length)
  const [first = ''] = wrapped(words, width - lead.length)
  const rest = words.slice(first.length).trimStart()
  const others = rest === '' ? [] : wrapped(rest, width - indent.length)
  return [lead + first, ...others.map(line => indent + line)]
}

/** As at the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function wrapped(text: string, width: number): readonly string[] {
  return wrapAnsi(text, Math.max(1, width), { hard: true }).split('\n')
}
