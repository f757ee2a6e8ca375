/** Frames of the control channel: a length of 4 bytes, big-endian, and so many bytes. Pure. */

const LENGTH_BYTES = 4

/** Before the other side has proved who it is, and afterwards: digests of a large file take megabytes. */
export const HELLO_LIMIT_BYTES = 64 * 1024
export const SESSION_LIMIT_BYTES = 16 * 1024 * 1024

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

/** Cuts a stream of bytes into frames. Holds no more than one frame, and never trusts a length. */
export class FrameReader {
  /** The longest frame that is taken, in bytes. */
  limitBytes: number
  #parts: Buffer[] = []
  heldBytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#parts.push(bytes)
    this.heldBytes += bytes.length
  }

  /** The next whole frame; undefined as long as it is not there. @throws ProtocolError when it is longer than the limit */
  next(): Buffer | undefined {
    if (this.heldBytes < LENGTH_BYTES) return undefined
    const length = this.#peek(LENGTH_BYTES).readUInt32BE()
    if (length > this.limitBytes)
      throw new ProtocolError(`a frame of ${length} bytes; the most is ${this.limitBytes}`)
    if (this.heldBytes < LENGTH_BYTES + length) return undefined
    return this.#take(LENGTH_BYTES + length).subarray(LENGTH_BYTES)
  }

  #peek(length: number): Buffer {
    const [first] = this.#parts
    return first && first.length >= length ? first : this.#joined()
  }

  #take(length: number): Buffer {
    const bytes = this.#joined()
    this.heldBytes -= length
    this.#parts = length < bytes.length ? [bytes.subarray(length)] : []
    return bytes.subarray(0, length)
  }

  #joined(): Buffer {
    const [first] = this.#parts
    if (first && this.#parts.length === 1) return first
    const joined = Buffer.concat(this.#parts)
    this.#parts = [joined]
    return joined
  }
}
