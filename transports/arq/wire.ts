/** The datagrams of both reliable protocols: chunks, whose numbers are those of the chunk and of the transmission, and answers. */
import {
  HEADER_BYTES,
  isFrom,
  isWholeChunk,
  type Opening,
  openingAt,
  tag,
  writeOpening,
} from '../datagram/openings.ts'
import type { IndexSet } from '../payload/index-set.ts'
import { datagramCount } from '../payload/reception.ts'

/** An answer without selective acknowledgements. */
export const ANSWER_BYTES = 20
/** The most selective acknowledgements, in bytes: an answer fits in any packet. */
const MOST_BITMAP_BYTES = 1024
/** The most chunks of a payload, and the most transmissions of a transfer: their numbers have 32 bits. */
export const MOST_NUMBERS = 2 ** 32 - 1

const DATA = tag('AQ1D')
const ANSWER = tag('AQ1A')
const REFUSAL = tag('AQ1N')
const REFUSAL_BYTES = 8

/** Writes a header, whose chunk and transmission `writeNumbers` fills in. */
export function writeData(memory: Buffer, at: number, opening: Opening): void {
  writeOpening(memory, at, DATA, opening)
}

export function writeNumbers(memory: Buffer, at: number, index: number, transmission: number): void {
  memory.writeUInt32BE(index, at + 8)
  memory.writeUInt32BE(transmission, at + 12)
}

export const chunkAt = (memory: Buffer, at: number): number => memory.readUInt32BE(at + 8)
export const transmissionAt = (memory: Buffer, at: number): number => memory.readUInt32BE(at + 12)

export function readOpening(memory: Buffer, start: number, end: number): Opening | undefined {
  const opening = openingAt(memory, start, end)
  const isSound = opening && datagramCount(opening) <= MOST_NUMBERS && isOf(opening, memory, start, end)
  return isSound ? opening : undefined
}

/** True if a datagram belongs to this transfer, and has the length of its chunk; an empty payload has an empty one. */
export function isOf(opening: Opening, memory: Buffer, start: number, end: number): boolean {
  if (!isFrom(opening, memory, start, end) || memory.readUInt32BE(start) !== DATA) return false
  const index = chunkAt(memory, start)
  const isEmpty = opening.sizeBytes === 0 && index === 0 && end - start === HEADER_BYTES
  return isEmpty || isWholeChunk(opening, index, end - start)
}

/** What a receiver says of a transfer. */
export interface Answer {
  readonly id: number
  /** All chunks before this one have arrived. */
  readonly next: number
  /** The highest transmission that has arrived. */
  readonly highest: number
  /** How many chunks from `next` on may be under way. */
  readonly windowChunks: number
}

/**
 * @param arrived chunks from `next` on
 * @param mostBytes for the whole answer, at least ANSWER_BYTES; later chunks are left out
 */
export function encodeAnswer(
  { id, next, highest, windowChunks }: Answer,
  arrived: Pick<IndexSet, 'end' | 'has'>,
  mostBytes: number,
): Buffer {
  const bits = Math.max(0, arrived.end - next - 1)
  const bitmapBytes = Math.min(Math.ceil(bits / 8), MOST_BITMAP_BYTES, mostBytes - ANSWER_BYTES)
  const bytes = Buffer.allocUnsafe(ANSWER_BYTES + bitmapBytes)
  bytes.writeUInt32BE(ANSWER, 0)
  bytes.writeUInt32BE(id, 4)
  bytes.writeUInt32BE(next, 8)
  bytes.writeUInt32BE(highest, 12)
  bytes.writeUInt32BE(windowChunks, 16)
  for (let at = 0; at < bitmapBytes; at++) {
    let byte = 0
    for (let bit = 0; bit < 8; bit++) {
      const index = next + 1 + at * 8 + bit
      if (arrived.has(index)) byte |= 1 << bit
    }
    bytes[ANSWER_BYTES + at] = byte
  }
  return bytes
}

/** Undefined for anything else. */
export function readAnswer(memory: Buffer, start: number, end: number): Answer | undefined {
  const bitmapBytes = end - start - ANSWER_BYTES
  if (bitmapBytes < 0 || bitmapBytes > MOST_BITMAP_BYTES || memory.readUInt32BE(start) !== ANSWER)
    return undefined
  return {
    id: memory.readUInt32BE(start + 4),
    next: memory.readUInt32BE(start + 8),
    highest: memory.readUInt32BE(start + 12),
    windowChunks: memory.readUInt32BE(start + 16),
  }
}

/** The chunks after `next` that have arrived, too. */
export function* selected({ next }: Answer, memory: Buffer, start: number, end: number): Generator<number> {
  for (let at = start + ANSWER_BYTES; at < end; at++) {
    const byte = memory[at] ?? 0
    for (let bit = 0; byte >> bit; bit++)
      if (byte & (1 << bit)) yield next + 1 + (at - start - ANSWER_BYTES) * 8 + bit
  }
}

/** The receiver takes no more of this transfer. */
export function encodeRefusal(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(REFUSAL_BYTES)
  bytes.writeUInt32BE(REFUSAL, 0)
  bytes.writeUInt32BE(id, 4)
  return bytes
}

export function isRefusal(id: number, memory: Buffer, start: number, end: number): boolean {
  return (
    end - start === REFUSAL_BYTES &&
    memory.readUInt32BE(start) === REFUSAL &&
    memory.readUInt32BE(start + 4) === id
  )
}
