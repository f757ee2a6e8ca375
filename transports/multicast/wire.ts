/** The datagrams of udp-multicast: markers and chunks. Their number of 8 bytes is the index of a chunk, or how many the end marker closes. */
import {
  HEADER_BYTES,
  isFrom,
  isWholeChunk,
  type Opening,
  openingAt,
  readLong,
  tag,
  writeLong,
  writeOpening,
} from '../datagram/openings.ts'
import { chunkCount } from '../payload/reception.ts'

const TAGS = { begin: tag('MC1B'), chunk: tag('MC1D'), end: tag('MC1E') } as const

export function writeHeader(
  memory: Buffer,
  at: number,
  kind: keyof typeof TAGS,
  opening: Opening,
  number: number,
): void {
  writeOpening(memory, at, TAGS[kind], opening)
  writeLong(memory, at + 8, number)
}

/** All of a marker is a header. */
export function marker(kind: 'begin' | 'end', opening: Opening): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  writeHeader(bytes, 0, kind, opening, kind === 'end' ? chunkCount(opening) : 0)
  return bytes
}

export const isChunk = (memory: Buffer, at: number): boolean => memory.readUInt32BE(at) === TAGS.chunk
export const indexAt = (memory: Buffer, at: number): number => readLong(memory, at + 8)

export function readOpening(memory: Buffer, start: number, end: number): Opening | undefined {
  const opening = openingAt(memory, start, end)
  return opening && isOf(opening, memory, start, end) ? opening : undefined
}

/** True if a datagram belongs to this transfer, and is as long as its kind is. */
export function isOf(opening: Opening, memory: Buffer, start: number, end: number): boolean {
  if (!isFrom(opening, memory, start, end)) return false
  const number = indexAt(memory, start)
  if (isChunk(memory, start)) return isWholeChunk(opening, number, end - start)
  const kind = memory.readUInt32BE(start)
  if (end - start > HEADER_BYTES) return false
  return kind === TAGS.begin ? number === 0 : kind === TAGS.end && number === chunkCount(opening)
}
