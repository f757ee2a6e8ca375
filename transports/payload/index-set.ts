/** Indices that have arrived, a bit each. Beyond `room`, only the latest are known one by one: those before count as known. */
export class IndexSet {
  /** One more than the highest. */
  end = 0
  readonly #room: number
  readonly #bits: Uint8Array

  /** @param room how many, from the highest down; all of them, if none is larger */
  constructor(room: number) {
    this.#room = room
    this.#bits = new Uint8Array(Math.ceil(room / 8))
  }

  /** Returns true if it was not known. */
  add(index: number): boolean {
    if (index < this.end - this.#room) return false
    const isHighest = index >= this.end
    if (isHighest) this.#advance(index)
    const at = index % this.#room
    const mask = 1 << (at & 7)
    const bits = this.#bits[at >>> 3] ?? 0
    this.#bits[at >>> 3] = bits | mask
    return isHighest || (bits & mask) === 0
  }

  /** Forgets the oldest, in whose places those up to `index` will be. */
  #advance(index: number): void {
    if (index - this.end >= this.#room) this.#bits.fill(0)
    else if (index >= this.#room)
      for (let skipped = this.end; skipped < index; skipped++) {
        const at = skipped % this.#room
        this.#bits[at >>> 3] = (this.#bits[at >>> 3] ?? 0) & ~(1 << (at & 7))
      }
    this.end = index + 1
  }
}
