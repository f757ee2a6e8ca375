/** Lines of text within a width. */
import stringWidth from 'string-width'

/**
 * Words in lines of at most `width` columns; the first line keeps the spaces that `text` begins with, later ones begin with
 * `indent`. A word that is longer than a line is broken. A no-break space is a part of its word.
 */
export function wrapWords(text: string, width: number, indent = ''): readonly string[] {
  const words = text.trimStart().split(/ +/)
  let line = text.slice(0, text.length - text.trimStart().length)
  let empty = true
  const lines: string[] = []
  for (const word of words.flatMap(each =>
    breakWord(each, Math.max(1, width - indent.length - line.length)),
  )) {
    const longer = empty ? line + word : `${line} ${word}`
    if (!empty && stringWidth(longer) > width) {
      lines.push(line)
      line = indent + word
    } else line = longer
    empty = false
  }
  return [...lines, line]
}

/** As at the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function breakWord(word: string, width: number): readonly string[] {
  if (stringWidth(word) <= width) return [word]
  const pieces = ['']
  for (const character of word) {
    const piece = `${pieces.at(-1)}${character}`
    if (stringWidth(piece) > width) pieces.push(character)
    else pieces[pieces.length - 1] = piece
  }
  return pieces
}
