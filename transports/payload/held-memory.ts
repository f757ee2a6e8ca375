/** Memory for the bytes of one transfer in order of arrival. Grows by slabs, with the first one paged in beforehand. */
import { formatBytes } from '../../base/units.ts'
import type { Failure } from '../contract/reports.ts'
import type { Budget } from '../contract/transport.ts'

/** The most that is held in memory: a file, or a payload in one piece. */
export const LARGEST_HELD_BYTES = 1 << 30
/** Slabs grow with the data received, so that many small transfers cost little. */
const LEAST_SLAB_BYTES = 16 << 10
const MOST_SLAB_BYTES = 1 << 20
/** This much is paged in before the clock starts; larger transfers pay for the rest as they grow. */
const READY_BYTES = 64 << 20

/** Limits what all transfers of a receiver hold together, in bytes: announcing a length does not reserve memory. */
export class MemoryBudget implements Budget {
  readonly #bytes: number
  #left: number

  constructor(bytes: number) {
    this.#bytes = this.#left = bytes
  }

  get exhausted(): Failure {
    const message = `transfers under way and those not saved yet hold the ${formatBytes(this.#bytes)} that they may`
    return { phase: 'transfer', code: 'BUSY', message }
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

export class HeldMemory {
  /** The cost of even an empty one. */
  readonly overheadBytes = LEAST_SLAB_BYTES
  readonly #slabs: Buffer[] = []
  #used = 0
  #total = 0

  /** @param expectedBytes how much is likely to arrive */
  constructor(expectedBytes: number) {
    if (expectedBytes > 0) this.#slabs.push(Buffer.allocUnsafe(Math.min(expectedBytes, READY_BYTES)).fill(0))
  }

  append(memory: Buffer, start: number, end: number): void {
    let from = start
    while (from < end) {
      const slab = this.#room()
      const copied = memory.copy(slab, this.#used, from, end)
      this.#used += copied
      this.#total += copied
      from += copied
    }
  }

  /** Everything in order of arrival, without copying. */
  parts(): Buffer[] {
    return this.#slabs
      .map((slab, at) => (at === this.#slabs.length - 1 ? slab.subarray(0, this.#used) : slab))
      .filter(part => part.length > 0)
  }

  #room(): Buffer {
    const last = this.#slabs.at(-1)
    if (last && this.#used < last.length) return last
    const slab = Buffer.allocUnsafeSlow(Math.min(MOST_SLAB_BYTES, Math.max(LEAST_SLAB_BYTES, this.#total)))
    this.#slabs.push(slab)
    this.#used = 0
    return slab
  }
}
