/** Formats whose every datagram says which transfer it belongs to, byte for byte as in docs/wire.md. Numbers are unsigned and big-endian. */
import type { Assembly } from './assembly.ts'
import { FOREIGN, type Meaning, PAYLOAD, type ReceivingFormat } from './format.ts'

/** What precedes each chunk. The 8 bytes from 8 on are of the format itself. */
export const HEADER_BYTES = 28
const WORD = 2 ** 32

/** What every datagram says of its transfer. */
export interface Opening {
  readonly id: number
  readonly sizeBytes: number
  readonly chunkBytes: number
}

export function tag(text: string): number {
  return Buffer.from(text, 'ascii').readUInt32BE()
}

export function writeOpening(
  memory: Buffer,
  at: number,
  kind: number,
  { id, sizeBytes, chunkBytes }: Opening,
): void {
  memory.writeUInt32BE(kind, at)
  memory.writeUInt32BE(id, at + 4)
  writeLong(memory, at + 16, sizeBytes)
  memory.writeUInt32BE(chunkBytes, at + 24)
}

/** Undefined if it is truncated, or cannot be. */
export function openingAt(memory: Buffer, start: number, end: number): Opening | undefined {
  if (end - start < HEADER_BYTES) return undefined
  const opening = {
    id: memory.readUInt32BE(start + 4),
    sizeBytes: readLong(memory, start + 16),
    chunkBytes: memory.readUInt32BE(start + 24),
  }
  return opening.chunkBytes > 0 && Number.isSafeInteger(opening.sizeBytes) ? opening : undefined
}

/** True if a datagram says that it belongs to this transfer. */
export function isFrom(
  { id, sizeBytes, chunkBytes }: Opening,
  memory: Buffer,
  start: number,
  end: number,
): boolean {
  return (
    end - start >= HEADER_BYTES &&
    memory.readUInt32BE(start + 4) === id &&
    readLong(memory, start + 16) === sizeBytes &&
    memory.readUInt32BE(start + 24) === chunkBytes
  )
}

/** True if a datagram of so many bytes has the length of this chunk: not a byte was cut off or added. */
export function isWholeChunk(
  { sizeBytes, chunkBytes }: Opening,
  index: number,
  datagramBytes: number,
): boolean {
  const from = index * chunkBytes
  return from < sizeBytes && datagramBytes - HEADER_BYTES === Math.min(chunkBytes, sizeBytes - from)
}

export function writeLong(memory: Buffer, at: number, value: number): void {
  memory.writeUInt32BE(Math.floor(value / WORD), at)
  memory.writeUInt32BE(value % WORD, at + 4)
}

export function readLong(memory: Buffer, at: number): number {
  return memory.readUInt32BE(at) * WORD + memory.readUInt32BE(at + 4)
}

/** @param read undefined for what is not a datagram of this format, is truncated, or contradicts itself */
export function formatOf(
  read: typeof openingAt,
  assemble: (opening: Opening, rcvbufBytes: number | undefined) => Assembly,
): ReceivingFormat {
  return {
    beginning: undefined,
    endMarker: false,
    headerBytes: HEADER_BYTES,

    meaning(memory, start, end, open): Meaning {
      if (open?.assembly?.isOf(memory, start, end)) return PAYLOAD
      const opening = read(memory, start, end)
      // The same transfer with another length or chunk: it contradicts itself.
      if (!opening || open?.id === opening.id) return FOREIGN
      return { kind: 'payload', begins: { announcedBytes: opening.sizeBytes, id: opening.id } }
    },

    assemble(memory, start, end, rcvbufBytes) {
      const opening = read(memory, start, end)
      return opening && assemble(opening, rcvbufBytes)
    },
  }
}
