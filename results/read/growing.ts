/** Columns that grow in blocks: what is long is never copied while it grows, and what is short takes little. */

const BLOCK_BITS = 13
const BLOCK = 2 ** BLOCK_BITS
/** A history has thousands of sets of few rows. */
const FIRST = 16

/** A typed array of a length that is known late. */
type Typed = Uint8Array | Uint32Array | Float64Array

export class Growing<T extends Typed> {
  readonly #make: (length: number) => T
  /** All of BLOCK values, but for the first one while it is the only one. */
  #blocks: T[] = []
  #block: T
  #length = 0

  constructor(make: (length: number) => T) {
    this.#make = make
    this.#block = make(FIRST)
    this.#blocks.push(this.#block)
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    const at = this.#length & (BLOCK - 1)
    if (at === 0 && this.#length > 0) {
      this.#block = this.#make(BLOCK)
      this.#blocks.push(this.#block)
    } else if (at === this.#block.length) {
      const longer = this.#make(2 * at)
      longer.set(this.#block)
      this.#block = longer
      this.#blocks[0] = longer
    }
    this.#block[at] = value
    this.#length++
  }

  at(index: number): number {
    return this.#blocks[index >>> BLOCK_BITS]?.[index & (BLOCK - 1)] ?? Number.NaN
  }

  /** The values at `indexes`, as one array; the column is empty afterwards, so that both are never held for long. */
  take(indexes: Uint32Array): T {
    const values = this.#make(indexes.length)
    const blocks = this.#blocks
    for (let to = 0; to < indexes.length; to++) {
      const index = indexes[to] ?? 0
      values[to] = blocks[index >>> BLOCK_BITS]?.[index & (BLOCK - 1)] ?? Number.NaN
    }
    this.#block = this.#make(0)
    this.#blocks = []
    return values
  }
}
