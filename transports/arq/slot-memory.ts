/** The datagrams that may have to be sent again, each in the slot of its chunk: consecutive chunks are consecutive in memory. */
import type { Payload, PayloadWindow } from '../contract/transport.ts'
import { HEADER_BYTES, type Opening } from '../datagram/openings.ts'
import { datagramCount } from '../payload/reception.ts'
import type { Run } from './send-window.ts'
import { writeData, writeNumbers } from './wire.ts'

export class SlotMemory {
  readonly chunks: number
  readonly sizeBytes: number
  readonly chunkBytes: number
  readonly slotBytes: number
  readonly #slots: number
  readonly #memory: Buffer
  readonly #windows: Iterator<PayloadWindow>
  #window: Buffer = Buffer.alloc(0)
  #used = 0

  constructor(payload: Payload, opening: Opening, slots: number) {
    const { sizeBytes } = payload
    // A chunk may be longer than the payload.
    this.chunkBytes = Math.max(1, Math.min(payload.chunkBytes, sizeBytes))
    this.sizeBytes = sizeBytes
    this.chunks = datagramCount(payload)
    this.slotBytes = HEADER_BYTES + this.chunkBytes
    this.#slots = slots
    this.#memory = Buffer.allocUnsafeSlow(slots * this.slotBytes)
    for (let slot = 0; slot < slots; slot++) writeData(this.#memory, slot * this.slotBytes, opening)
    this.#windows = payload.windows()[Symbol.iterator]()
    this.#window = this.#windows.next().value?.bytes ?? this.#window
  }

  slotOf(index: number): number {
    return index % this.#slots
  }

  /** Length of the datagram of a chunk. */
  lengthOf(index: number): number {
    return HEADER_BYTES + Math.min(this.chunkBytes, this.sizeBytes - index * this.chunkBytes)
  }

  /** Makes the datagrams of a run; returns the memory whose slots they are in, which ends with the last one. */
  write({ first, count, transmission, again }: Run): Buffer {
    for (let offset = 0; offset < count; offset++) {
      const at = this.slotOf(first + offset) * this.slotBytes
      writeNumbers(this.#memory, at, first + offset, transmission + offset)
      if (!again) this.#fill(at + HEADER_BYTES, this.lengthOf(first + offset) - HEADER_BYTES)
    }
    const last = first + count - 1
    return this.#memory.subarray(0, this.slotOf(last) * this.slotBytes + this.lengthOf(last))
  }

  #fill(at: number, length: number): void {
    for (let filled = 0; filled < length; ) {
      if (this.#used === this.#window.length) {
        this.#window = this.#windows.next().value.bytes
        this.#used = 0
      }
      const copied = this.#window.copy(this.#memory, at + filled, this.#used, this.#used + length - filled)
      this.#used += copied
      filled += copied
    }
  }
}
