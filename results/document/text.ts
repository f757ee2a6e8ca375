/** Lines of text within a width. */
import wrapAnsi from 'wrap-ansi'
import type { PageBlock, TableCell, Text } from './model.ts'

/**
 * Words in lines of at most `width` columns; the first line keeps the spaces that `text` begins with, later ones begin with
 * `indent`. A word that is longer than a line is broken. A figure and its unit stay together, and so do words with a no-break space
 * between them, which becomes a plain one.
 */
export function wrapWords(text: string, width: number, indent = ''): readonly string[] {
  const words = holdFigures(text.trimStart())
  const lead = text.slice(0, text.length - text.trimStart().length)
  const [first = ''] = wrapped(words, width - lead.length)
  const rest = words.slice(first.length).trimStart()
  const others = rest === '' ? [] : wrapped(rest, width - indent.length)
  return [lead + first, ...others.map(line => indent + line)].map(line => line.replaceAll(NO_BREAK, ' '))
}

const NO_BREAK = '\u00a0'

/** No-break spaces between figures and their units, and between p and what it is. */
export function holdFigures(text: string): string {
  return text.replaceAll(UNIT, NO_BREAK).replaceAll(P, NO_BREAK)
}

const UNIT = /(?<=\d) (?=(?:%|[kMGT]?bit\/s|[KMGT]?i?B|[mµ]?s)(?![\w/]))/g
const P = /(?<=\bp) (?=[<≤=]? ?\d)|(?<=\bp [<≤=]) (?=\d)/g

/** No-break spaces within what is short enough for a line of this width. */
export function holdWords(words: string, width: number): string {
  return words.length < width - 5 ? words.replaceAll(' ', NO_BREAK) : words
}

/** Nothing is shown of it. */
export function saysNothing(block: PageBlock): boolean {
  return 'items' in block && block.items.length === 0
}

/** A cell in a line: `23.3 % (receive buffer)`. */
export function cellText({ text, spread, detail }: TableCell): string {
  return [text, spread, detail && `(${detail})`].filter(Boolean).join(' ')
}

/** `a, b, c and 9 more`; fewer are joined. */
export function listed(words: readonly string[]): string {
  if (words.length > 4) return `${words.slice(0, 3).join(', ')} and ${words.length - 3} more`
  return joinWords(words)
}

/** `a`, `a and b`, `a, b and c` */
export function joinWords(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? '')
}

/** As at the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The same of a line; a name that it begins with keeps its first letter. */
export function capitalized([first, ...others]: Text): Text {
  return first === undefined ? [] : [typeof first === 'string' ? capital(first) : first, ...others]
}

function wrapped(text: string, width: number): readonly string[] {
  return wrapAnsi(text, Math.max(1, width), { hard: true }).split('\n')
}
