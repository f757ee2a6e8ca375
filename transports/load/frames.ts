/** Frames on a loaded connection: a type, a length (4 bytes, big-endian), and so many bytes. docs/wire.md has the table. */

export const LOAD = 0
export const REQUEST = 1
export const ANSWER = 2
export const ARRIVED = 3

const HEADER_BYTES = 5
/** The lengths that frames other than load have. */
const LENGTHS: ReadonlyMap<number, number> = new Map([
  [REQUEST, 1],
  [ANSWER, 1],
  [ARRIVED, 8],
])
const LONGEST = 8

/** A frame whose bytes are zeros. */
export function frameOf(type: number, length: number): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + length)
  frame.writeUInt8(type, 0)
  frame.writeUInt32BE(length, 1)
  return frame
}

export function arrivedFrame(bytes: number): Buffer {
  const frame = frameOf(ARRIVED, LONGEST)
  frame.writeBigUInt64BE(BigInt(bytes), HEADER_BYTES)
  return frame
}

/** Reads frames from what arrives in any pieces. Load is counted, not held. */
export class FrameReader {
  loadBytes = 0
  readonly #taken: (type: number, value: number) => void
  readonly #memory = Buffer.alloc(HEADER_BYTES + LONGEST)
  #gathered = 0
  #needed = HEADER_BYTES
  /** Bytes of load that are still to come. */
  #left = 0

  /** @param taken is called with the type of each other frame, and its bytes as a number */
  constructor(taken: (type: number, value: number) => void) {
    this.#taken = taken
  }

  /** Returns false if these are no frames; nothing can be read from then on. */
  take(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; ) {
      const skipped = Math.min(this.#left, bytes.length - at)
      this.#left -= skipped
      this.loadBytes += skipped
      at += skipped
      const copied = bytes.copy(this.#memory, this.#gathered, at, at + this.#needed - this.#gathered)
      this.#gathered += copied
      at += copied
      if (this.#gathered === this.#needed && !this.#whole()) return false
    }
    return true
  }

  /** What was needed is there: a header, or the frame. */
  #whole(): boolean {
    const type = this.#memory.readUInt8(0)
    const length = this.#memory.readUInt32BE(1)
    if (type === LOAD) this.#left = length
    else if (length !== LENGTHS.get(type)) return false
    else if (this.#needed === HEADER_BYTES) {
      this.#needed += length
      return true
    } else {
      const value = this.#memory.subarray(HEADER_BYTES, HEADER_BYTES + length).toString('hex')
      this.#taken(type, Number.parseInt(value, 16))
    }
    this.#gathered = 0
    this.#needed = HEADER_BYTES
    return true
  }
}
