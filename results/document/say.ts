/** Sentences, written as templates: ``say`No datagram was ${{ strong: 'lost' }}.` ``. */
import type { Inline, Text } from './model.ts'

/** The words of the template, with what is put into it; neighbouring words become one piece. */
export function say(words: TemplateStringsArray, ...pieces: readonly (Inline | Text)[]): Text {
  const all = words.flatMap((word, index): Text => {
    const piece = pieces[index] ?? ''
    return [word, ...(isText(piece) ? piece : [piece])]
  })
  const text: Inline[] = []
  for (const piece of all) {
    const last = text.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') text[text.length - 1] = last + piece
    else if (piece !== '') text.push(piece)
  }
  return text
}

function isText(piece: Inline | Text): piece is Text {
  return Array.isArray(piece)
}
