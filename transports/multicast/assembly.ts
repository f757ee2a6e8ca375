/** What a receiver of a group knows of one transfer: which chunks have arrived, and where they belong. Pure. */
import type { HeldBytes } from '../contract/reports.ts'
import type { Assembly, Held } from '../datagram/assembly.ts'
import { HEADER_BYTES, type Opening } from '../datagram/openings.ts'
import { IndexSet } from '../payload/index-set.ts'
import { chunkCount } from '../payload/reception.ts'
import { indexAt, isChunk, isOf } from './wire.ts'

/** Chunks of which one may still come behind others, before it counts as one that has come already. */
const MOST_BEHIND = 65_536
/** What it costs to know the place of a chunk that is held. */
const INDEX_BYTES = 8

export class GroupAssembly implements Assembly {
  readonly overheadBytes = MOST_BEHIND / 8
  readonly #opening: Opening
  readonly #arrived = new IndexSet(MOST_BEHIND)
  /** Of the chunks that are held, in order of arrival. */
  readonly #order: number[] = []
  #count = 0

  constructor(opening: Opening) {
    this.#opening = opening
  }

  get chunkBytes(): number {
    return this.#opening.chunkBytes
  }

  get complete(): boolean {
    return this.#count === chunkCount(this.#opening)
  }

  isOf(memory: Buffer, start: number, end: number): boolean {
    return isOf(this.#opening, memory, start, end)
  }

  isNew(memory: Buffer, start: number): boolean {
    return isChunk(memory, start) && this.#arrived.add(indexAt(memory, start))
  }

  take(memory: Buffer, datagram: number, end: number, into: Held): boolean {
    if (!isChunk(memory, datagram)) return false
    const { reception } = into
    const start = datagram + HEADER_BYTES
    const index = indexAt(memory, datagram)
    if (this.#arrived.has(index)) {
      reception.counts.duplicated++
      return false
    }
    if (!into.hold(end - start + (reception.isHeld ? INDEX_BYTES : 0))) return false
    if (!reception.place(memory, start, end, index * this.#opening.chunkBytes)) return false
    if (index < this.#arrived.end) reception.counts.reordered++
    this.#arrived.add(index)
    this.#count++
    if (reception.isHeld) {
      reception.append(memory, start, end)
      this.#order.push(index)
    }
    return true
  }

  inOrder(held: HeldBytes): HeldBytes {
    const order = this.#order
    const numbers = order.toSorted((a, b) => a - b)
    if (order.every((index, at) => index === numbers[at])) return { parts: held.parts, numbers }
    const bytes = Buffer.concat(held.parts)
    const { chunkBytes } = this.#opening
    let at = 0
    const chunks = order.map(index => {
      const start = at
      at += Math.min(chunkBytes, this.#opening.sizeBytes - index * chunkBytes)
      return { index, bytes: bytes.subarray(start, at) }
    })
    return { parts: chunks.sort((a, b) => a.index - b.index).map(chunk => chunk.bytes), numbers }
  }
}
