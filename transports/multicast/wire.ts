/** The wire format of udp-multicast, byte for byte as in docs/wire.md. Numbers are unsigned and big-endian. */

/** What precedes each chunk, and all of a marker. */
export const HEADER_BYTES = 28

const TAGS = { begin: tag('MC1B'), chunk: tag('MC1D'), end: tag('MC1E') } as const
type Kind = keyof typeof TAGS
const WORD = 2 ** 32

/** What every datagram says of its transfer. */
export interface Opening {
  readonly id: number
  readonly sizeBytes: number
  readonly chunkBytes: number
}

/** An empty payload has none. */
export function chunksOf({ sizeBytes, chunkBytes }: Omit<Opening, 'id'>): number {
  return Math.ceil(sizeBytes / chunkBytes)
}

/** @param number of the chunk, from 0; of the end marker, how many there are */
export function writeHeader(memory: Buffer, at: number, kind: Kind, opening: Opening, number: number): void {
  memory.writeUInt32BE(TAGS[kind], at)
  memory.writeUInt32BE(opening.id, at + 4)
  writeLong(memory, at + 8, number)
  writeLong(memory, at + 16, opening.sizeBytes)
  memory.writeUInt32BE(opening.chunkBytes, at + 24)
}

export function marker(kind: 'begin' | 'end', opening: Opening): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  writeHeader(bytes, 0, kind, opening, kind === 'end' ? chunksOf(opening) : 0)
  return bytes
}

export const isChunk = (memory: Buffer, at: number): boolean => memory.readUInt32BE(at) === TAGS.chunk
export const indexAt = (memory: Buffer, at: number): number => readLong(memory, at + 8)

/** Reads what a datagram says of its transfer; undefined if it is none of the three, is truncated, or contradicts itself. */
export function readOpening(memory: Buffer, start: number, end: number): Opening | undefined {
  if (end - start < HEADER_BYTES) return undefined
  const opening = {
    id: memory.readUInt32BE(start + 4),
    sizeBytes: readLong(memory, start + 16),
    chunkBytes: memory.readUInt32BE(start + 24),
  }
  const sound = opening.chunkBytes > 0 && Number.isSafeInteger(opening.sizeBytes)
  return sound && isOf(opening, memory, start, end) ? opening : undefined
}

/** True if a datagram belongs to this transfer, and is as long as its kind is: not a byte was cut off or added. */
export function isOf(opening: Opening, memory: Buffer, start: number, end: number): boolean {
  const { id, sizeBytes, chunkBytes } = opening
  const length = end - start - HEADER_BYTES
  if (length < 0 || memory.readUInt32BE(start + 4) !== id || memory.readUInt32BE(start + 24) !== chunkBytes)
    return false
  if (readLong(memory, start + 16) !== sizeBytes) return false
  const number = indexAt(memory, start)
  if (isChunk(memory, start)) {
    const from = number * chunkBytes
    return from < sizeBytes && length === Math.min(chunkBytes, sizeBytes - from)
  }
  if (length > 0) return false
  const kind = memory.readUInt32BE(start)
  return kind === TAGS.begin ? number === 0 : kind === TAGS.end && number === chunksOf(opening)
}

function writeLong(memory: Buffer, at: number, value: number): void {
  memory.writeUInt32BE(Math.floor(value / WORD), at)
  memory.writeUInt32BE(value % WORD, at + 4)
}

function readLong(memory: Buffer, at: number): number {
  return memory.readUInt32BE(at) * WORD + memory.readUInt32BE(at + 4)
}

function tag(text: string): number {
  return Buffer.from(text, 'ascii').readUInt32BE()
}
