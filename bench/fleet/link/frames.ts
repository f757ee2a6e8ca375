/** Frames of the control channel: a 4-byte big-endian length, and that many bytes. Pure. */

const LENGTH_BYTES = 4

/** Enough for every message, before and after authentication, except the digests of a large file, and reports. */
export const FRAME_LIMIT_BYTES = 64 * 1024
/** Of what a server reports: times and digests of thousands of pictures. */
export const REPORTS_LIMIT_BYTES = 256 * 1024
export const DIGESTS_LIMIT_BYTES = 16 * 1024 * 1024

/** The other side violates the protocol: the connection is not usable any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code = 'PROTOCOL'
}

export function encodeFrame(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + payload.length)
  frame.writeUInt32BE(payload.length)
  payload.copy(frame, LENGTH_BYTES)
  return frame
}

/** Splits a byte stream into frames. Never trusts a length: allocates at most twice what has arrived, however small the pieces. */
export class FrameReader {
  /** The longest accepted frame, in bytes. */
  limitBytes: number
  #memory: Buffer = NOTHING
  #start = 0
  #end = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get heldBytes(): number {
    return this.#end - this.#start
  }

  push(bytes: Buffer): void {
    this.#makeRoom(bytes.length)
    this.#end += bytes.copy(this.#memory, this.#end)
  }

  /** Returns the next complete frame, or undefined. @throws ProtocolError if it exceeds the limit */
  next(): Buffer | undefined {
    if (this.heldBytes < LENGTH_BYTES) return undefined
    const length = this.#memory.readUInt32BE(this.#start)
    if (length > this.limitBytes)
      throw new ProtocolError(`a frame of ${length} bytes; the most is ${this.limitBytes}`)
    if (this.heldBytes < LENGTH_BYTES + length) return undefined
    const from = this.#start + LENGTH_BYTES
    this.#start = from + length
    const frame = Buffer.from(this.#memory.subarray(from, this.#start))
    if (this.heldBytes === 0) this.#empty()
    return frame
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#memory.length) return
    const held = this.#memory.subarray(this.#start, this.#end)
    const enough = 2 * (held.length + bytes) <= this.#memory.length
    const memory = enough ? this.#memory : Buffer.allocUnsafeSlow(2 * (held.length + bytes))
    this.#end = held.copy(memory)
    this.#start = 0
    this.#memory = memory
  }

  /** Releases the memory of a long frame. */
  #empty(): void {
    if (this.#memory.length > FRAME_LIMIT_BYTES) this.#memory = NOTHING
    this.#start = 0
    this.#end = 0
  }
}

const NOTHING = Buffer.alloc(0)
