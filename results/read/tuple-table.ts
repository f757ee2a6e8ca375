/** Distinct tuples of codes by number: the cells of a set, and its environments. A hash table with open addressing. */

/** The most of the slots that are taken before there are twice as many. */
const LOAD = 0.5

export class TupleTable {
  readonly #width: number
  /** All tuples, one behind the other. */
  #tuples: Uint32Array
  #slots = new Int32Array(64).fill(-1)
  #size = 0
  #last = -1

  constructor(width: number) {
    this.#width = width
    this.#tuples = new Uint32Array(width * 16)
  }

  get size(): number {
    return this.#size
  }

  /** All tuples, one behind the other; that of number i begins at i x width. */
  get tuples(): Uint32Array {
    return this.#tuples
  }

  /** The number of the tuple that begins at `offset` of `codes`; a new one for a new tuple. */
  indexOf(codes: Uint32Array, offset: number): number {
    if (this.#last >= 0 && this.#isAt(this.#last, codes, offset)) return this.#last
    const mask = this.#slots.length - 1
    let slot = this.#hash(codes, offset) & mask
    for (;;) {
      const index = this.#slots[slot] ?? -1
      if (index < 0) break
      if (this.#isAt(index, codes, offset)) {
        this.#last = index
        return index
      }
      slot = (slot + 1) & mask
    }
    this.#last = this.#add(codes, offset, slot)
    return this.#last
  }

  #isAt(index: number, codes: Uint32Array, offset: number): boolean {
    const start = index * this.#width
    for (let at = 0; at < this.#width; at++) {
      if (this.#tuples[start + at] !== codes[offset + at]) return false
    }
    return true
  }

  #hash(codes: Uint32Array, offset: number): number {
    let hash = 0
    for (let at = 0; at < this.#width; at++) {
      hash = Math.imul(hash ^ (codes[offset + at] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash >>> 0
  }

  #add(codes: Uint32Array, offset: number, slot: number): number {
    const start = this.#size * this.#width
    if (start === this.#tuples.length) {
      const more = new Uint32Array(start * 2)
      more.set(this.#tuples)
      this.#tuples = more
    }
    for (let at = 0; at < this.#width; at++) this.#tuples[start + at] = codes[offset + at] ?? 0
    this.#slots[slot] = this.#size
    this.#size++
    if (this.#size > this.#slots.length * LOAD) this.#spread()
    return this.#size - 1
  }

  #spread(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = this.#slots.length - 1
    for (let index = 0; index < this.#size; index++) {
      let slot = this.#hash(this.#tuples, index * this.#width) & mask
      while ((this.#slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask
      this.#slots[slot] = index
    }
  }
}
