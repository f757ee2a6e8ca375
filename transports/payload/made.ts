/**
 * Payloads that are something: pictures, noise, zeros, text. Made of kind, size and seed alone, so that both ends have the same bytes.
 * Their chunks have no index: they are recognized by their digests, as those of a file are (`identify`).
 */
import { MAKERS, PICTURE_KINDS, type PictureKind } from '../../base/pictures/pictures.ts'
import { seededRandom } from '../../base/random.ts'
import { randomBytes } from './generated.ts'

/** `random` has no structure at all, `zeros` as much as there can be. */
export const MADE_KINDS = [...PICTURE_KINDS, 'random', 'zeros', 'text'] as const
export type MadeKind = (typeof MADE_KINDS)[number]

/** Pictures are decoded in each trial; others are held in memory at both ends, several at a time. */
const MOST_PICTURE_BYTES = 8 << 20
const MOST_BYTES = 256 << 20

/** How many bytes a payload of this kind may have. */
export function boundsOf(kind: MadeKind): { readonly leastBytes: number; readonly mostBytes: number } {
  return isPicture(kind)
    ? { leastBytes: MAKERS[kind].leastBytes, mostBytes: MOST_PICTURE_BYTES }
    : { leastBytes: 1, mostBytes: MOST_BYTES }
}

export function isPicture(kind: string): kind is PictureKind {
  return PICTURE_KINDS.some(each => each === kind)
}

/** @throws Error if it cannot have this size: what plans has checked that, another host may not have */
export function makePayload(kind: MadeKind, sizeBytes: number, seed: number): Buffer {
  const { leastBytes, mostBytes } = boundsOf(kind)
  if (sizeBytes < leastBytes || sizeBytes > mostBytes)
    throw new Error(`a payload of kind ${kind} has ${leastBytes} to ${mostBytes} B, not ${sizeBytes} B`)
  switch (kind) {
    case 'random':
      return randomBytes(sizeBytes, seed)
    case 'zeros':
      return Buffer.alloc(sizeBytes)
    case 'text':
      return textOf(sizeBytes, seed)
    default:
      return MAKERS[kind].make(sizeBytes, seed)
  }
}

const WORDS =
  'a and at bytes chunk every file for from goes in is it lost more network no of one packet picture the then through time to two when with'.split(
    ' ',
  )
const LINE_WORDS = 12

/** Numbered lines of words, ASCII. */
function textOf(sizeBytes: number, seed: number): Buffer {
  const text = Buffer.alloc(sizeBytes)
  const random = seededRandom(seed)
  const word = () => WORDS[Math.floor(random() * WORDS.length)]
  for (let at = 0, line = 1; at < sizeBytes; line++)
    at += text.write(`${line} ${Array.from({ length: LINE_WORDS }, word).join(' ')}\n`, at, 'latin1')
  return text
}
