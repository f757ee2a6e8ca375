/** Chunks with a header of the format in front of each: what is sent is longer than the chunk. */
import type { PayloadWindow } from '../contract/transport.ts'
import { datagramCount } from '../payload/reception.ts'

export interface ChunkHeader {
  readonly bytes: number
  /** Writes the header of the chunk with this index (from 0) to `memory` at `at`. */
  readonly write: (memory: Buffer, at: number, index: number) => void
}

/**
 * The windows of a payload with a header in front of each chunk. As with those, the bytes of a window stay valid until the next one but
 * one is requested.
 */
export function* withHeaders(
  windows: Iterable<PayloadWindow>,
  { bytes: headerBytes, write }: ChunkHeader,
): Generator<PayloadWindow> {
  const memories: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)]
  let index = 0
  for (const { bytes, chunkBytes } of windows) {
    const chunks = datagramCount({ sizeBytes: bytes.length, chunkBytes })
    const neededBytes = bytes.length + chunks * headerBytes
    memories.reverse()
    if (memories[0].length < neededBytes) memories[0] = Buffer.allocUnsafeSlow(neededBytes)
    const [memory] = memories
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = chunk * (headerBytes + chunkBytes)
      write(memory, at, index++)
      bytes.copy(memory, at + headerBytes, chunk * chunkBytes, (chunk + 1) * chunkBytes)
    }
    yield { bytes: memory.subarray(0, neededBytes), chunkBytes: headerBytes + chunkBytes }
  }
}
