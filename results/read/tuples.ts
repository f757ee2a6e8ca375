/** Distinct tuples of codes by number: the cells of a set, and its environments. */
export class Tuples {
  /** By number. */
  readonly all: Uint32Array[] = []
  readonly #now: Uint32Array
  readonly #bytes: Buffer
  readonly #numbers = new Map<string, number>()

  /** @param now holds the tuple that is looked at */
  constructor(now: Uint32Array) {
    this.#now = now
    this.#bytes = Buffer.from(now.buffer, now.byteOffset, now.byteLength)
  }

  /** The number of the tuple that `now` holds; a new one for a new tuple. */
  number(): number {
    const key = this.#bytes.toString('latin1')
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.all.length)
    return this.all.push(this.#now.slice()) - 1
  }
}
