/** Items that wait until they are due, in that order; those due at the same time in the order in which they came. */
export class DelayLine<Item> {
  readonly #waiting: { readonly at: number; readonly item: Item }[] = []
  #first = 0

  get length(): number {
    return this.#waiting.length - this.#first
  }

  add(at: number, item: Item): void {
    const waiting = this.#waiting
    let place = waiting.length
    // Most come in order.
    while (place > this.#first && (waiting[place - 1]?.at ?? 0) > at) place--
    waiting.splice(place, 0, { at, item })
  }

  /** When the next one is due; undefined if none waits. */
  get dueAt(): number | undefined {
    return this.#waiting[this.#first]?.at
  }

  /** The next one that is due. */
  take(now: number): { readonly at: number; readonly item: Item } | undefined {
    const next = this.#waiting[this.#first]
    if (!next || next.at > now) return undefined
    this.#first++
    // What has been taken is let go now and then.
    if (this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#first)
      this.#first = 0
    }
    return next
  }
}
