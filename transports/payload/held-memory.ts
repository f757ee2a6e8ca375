/** Memory for the bytes of one transfer in the order of arrival; grows by slabs, the first one paged in beforehand. */
import { formatBytes } from '../../base/units.ts'
import type { Failure } from '../contract/reports.ts'
import type { Budget } from '../contract/transport.ts'

/** Nothing larger is held in memory: a file, or a payload in one piece. */
export const LARGEST_HELD_BYTES = 1 << 30
/** Slabs grow with what has come: many small transfers cost little. */
const LEAST_SLAB_BYTES = 16 << 10
const MOST_SLAB_BYTES = 1 << 20
/** So much is paged in before the clock starts; larger transfers pay for the rest as they grow. */
const READY_BYTES = 64 << 20

/** What all transfers of a receiver may hold together, in bytes: an announced length is no claim to memory. */
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
  /** What even an empty one costs. */
  readonly overheadBytes = LEAST_SLAB_BYTES
  readonly #slabs: Buffer[] = []
  #used = 0
  #total = 0

  /** @param expectedBytes how much is likely to come */
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

  /** All of it, in the order of arrival; not copied. */
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
