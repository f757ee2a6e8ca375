/** Pictures as senders in the wild send them: chunks of 1,024 bytes, after a header with the length. */

export const CHUNK = 1024

/** No byte of it is one of a header. */
export function picture(bytes: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => 16 + ((index * 7 + seed * 31) % 200)))
}

export function chunks(bytes: Buffer, chunkBytes = CHUNK): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  )
}

export function chunk(bytes: Buffer, index: number): Buffer {
  return chunks(bytes)[index] ?? Buffer.alloc(0)
}

export function header(bytes: Buffer): [Buffer] {
  return [long(bytes.length, 8)]
}

export function long(value: number, length: 4 | 8): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes.subarray(0, length)
}

export function bySize(a: Buffer, b: Buffer): number {
  return a.length - b.length
}
