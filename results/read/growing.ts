/** Columns that grow in blocks: nothing is copied while they do, and the last block alone is not full. */

/** Small: a folder of runs is a thousand sets of some hundred rows each. */
const BLOCK_BITS = 10
const BLOCK = 2 ** BLOCK_BITS

/** A typed array of a length that is known late. */
type Typed = Uint8Array | Uint32Array | Float64Array

export class Growing<T extends Typed> {
  readonly #make: (length: number) => T
  #blocks: T[] = []
  #block: T
  #length = 0

  constructor(make: (length: number) => T) {
    this.#make = make
    this.#block = make(BLOCK)
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
