/** Texts of a document as strings. */
import type { Text } from '../../results/document/model.ts'

export const plain = (texts: readonly Text[]) =>
  texts.map(text =>
    text.map(piece => (typeof piece === 'string' ? piece : Object.values(piece).join(''))).join(''),
  )
