/** The wire format of both reliable protocols over datagrams, byte for byte as in docs/wire.md. Numbers are unsigned and big-endian. */

/** What precedes each chunk. */
export const HEADER_BYTES = 28
/** An answer without selective acknowledgements. */
export const ANSWER_BYTES = 20
/** The most selective acknowledgements, in bytes: an answer fits in any packet. */
const MOST_BITMAP_BYTES = 1024
/** The most chunks of a payload, and the most transmissions of a transfer: their numbers have 32 bits. */
export const MOST_NUMBERS = 2 ** 32 - 1

const DATA = magic('AQ1D')
const ANSWER = magic('AQ1A')
const REFUSAL = magic('AQ1N')
const REFUSAL_BYTES = 8

/** What every data datagram says of its transfer. */
export interface Opening {
  readonly id: number
  readonly sizeBytes: number
  readonly chunkBytes: number
}

/** A payload has one chunk at least, so that an empty one begins and ends, too. */
export function chunksOf({ sizeBytes, chunkBytes }: Pick<Opening, 'sizeBytes' | 'chunkBytes'>): number {
  return Math.max(1, Math.ceil(sizeBytes / chunkBytes))
}

/** Writes a header, whose chunk and transmission `number` fills in. */
export function writeOpening(memory: Buffer, at: number, { id, sizeBytes, chunkBytes }: Opening): void {
  memory.writeUInt32BE(DATA, at)
  memory.writeUInt32BE(id, at + 4)
  memory.writeBigUInt64BE(BigInt(sizeBytes), at + 16)
  memory.writeUInt32BE(chunkBytes, at + 24)
}

export function writeNumbers(memory: Buffer, at: number, index: number, transmission: number): void {
  memory.writeUInt32BE(index, at + 8)
  memory.writeUInt32BE(transmission, at + 12)
}

export const chunkAt = (memory: Buffer, at: number): number => memory.readUInt32BE(at + 8)
export const transmissionAt = (memory: Buffer, at: number): number => memory.readUInt32BE(at + 12)

/** Reads what a datagram says of its transfer; undefined if it is not data, is truncated, or contradicts itself. */
export function readOpening(memory: Buffer, start: number, end: number): Opening | undefined {
  if (end - start < HEADER_BYTES || memory.readUInt32BE(start) !== DATA) return undefined
  const sizeBytes = memory.readUInt32BE(start + 16) * 2 ** 32 + memory.readUInt32BE(start + 20)
  const opening = {
    id: memory.readUInt32BE(start + 4),
    sizeBytes,
    chunkBytes: memory.readUInt32BE(start + 24),
  }
  const sound = opening.chunkBytes > 0 && Number.isSafeInteger(sizeBytes) && chunksOf(opening) <= MOST_NUMBERS
  return sound && isLongEnough(opening, memory, start, end) ? opening : undefined
}

/** True if a datagram belongs to this transfer and has the length of its chunk: not a byte was cut off or added. */
export function isOf(opening: Opening, memory: Buffer, start: number, end: number): boolean {
  return (
    end - start >= HEADER_BYTES &&
    memory.readUInt32BE(start) === DATA &&
    memory.readUInt32BE(start + 4) === opening.id &&
    memory.readUInt32BE(start + 16) * 2 ** 32 + memory.readUInt32BE(start + 20) === opening.sizeBytes &&
    memory.readUInt32BE(start + 24) === opening.chunkBytes &&
    isLongEnough(opening, memory, start, end)
  )
}

function isLongEnough(
  { sizeBytes, chunkBytes }: Opening,
  memory: Buffer,
  start: number,
  end: number,
): boolean {
  const from = chunkAt(memory, start) * chunkBytes
  const isChunk = from < sizeBytes || (from === 0 && sizeBytes === 0)
  return isChunk && end - start - HEADER_BYTES === Math.min(chunkBytes, sizeBytes - from)
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
 * @param end one more than the last chunk that has arrived
 * @param has whether a chunk between `next` and `end` has
 * @param mostBytes for the whole answer, at least ANSWER_BYTES; later chunks are left out
 */
export function encodeAnswer(
  { id, next, highest, windowChunks }: Answer,
  end: number,
  has: (index: number) => boolean,
  mostBytes: number,
): Buffer {
  const bits = Math.max(0, end - next - 1)
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
      if (index < end && has(index)) byte |= 1 << bit
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

function magic(text: string): number {
  return Buffer.from(text, 'ascii').readUInt32BE()
}
