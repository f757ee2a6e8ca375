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

  has(index: number): boolean {
    if (index >= this.end) return false
    const at = index % this.#room
    return index < this.end - this.#room || ((this.#bits[at >>> 3] ?? 0) & (1 << (at & 7))) !== 0
  }

  /** Returns true if it was not known. */
  add(index: number): boolean {
    const isHighest = index >= this.end
    if (isHighest) {
      if (index > this.end && index >= this.#room) this.#forget(index)
      this.end = index + 1
    } else if (index < this.end - this.#room) return false
    // For each datagram: a division would take as long as all else here.
    const at = index < this.#room ? index : index % this.#room
    const mask = 1 << (at & 7)
    const bits = this.#bits[at >>> 3] ?? 0
    this.#bits[at >>> 3] = bits | mask
    return isHighest || (bits & mask) === 0
  }

  /** The oldest, in whose places those before `index` will be. */
  #forget(index: number): void {
    if (index - this.end >= this.#room) this.#bits.fill(0)
    else
      for (let skipped = this.end; skipped < index; skipped++) {
        const at = skipped % this.#room
        this.#bits[at >>> 3] = (this.#bits[at >>> 3] ?? 0) & ~(1 << (at & 7))
      }
  }
}
