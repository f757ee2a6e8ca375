/** Frames of the control channel: a length of 4 bytes, big-endian, and so many bytes. Pure. */

const LENGTH_BYTES = 4

/** All that is said fits one of these, before and after the other side has proved who it is, but for the digests of a large file. */
export const FRAME_LIMIT_BYTES = 64 * 1024
export const DIGESTS_LIMIT_BYTES = 16 * 1024 * 1024

/** The other side does not keep to the protocol: there is nothing to be expected of it any more. */
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

/**
 * Cuts a stream of bytes into frames. Never trusts a length: memory is for what has come, at most twice as much, however small the pieces
 * are that it came in.
 */
export class FrameReader {
  /** The longest frame that is taken, in bytes. */
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

  /** The next whole frame; undefined as long as it is not there. @throws ProtocolError when it is longer than the limit */
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

  /** What a long frame took is not kept. */
  #empty(): void {
    if (this.#memory.length > FRAME_LIMIT_BYTES) this.#memory = NOTHING
    this.#start = 0
    this.#end = 0
  }
}

const NOTHING = Buffer.alloc(0)
