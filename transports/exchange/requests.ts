/** What became of each request of a trial: when it was due, when it left, when its answer came. Times in ms on the monotonic clock. */

const FIRST_ROOM = 1024

export class Requests {
  /** How many were due so far; the first has the number 1. */
  made = 0
  answered = 0
  late = 0
  duplicated = 0
  damaged = 0
  /** Of those in time. */
  lastAnswerAt: number | undefined
  readonly #timeoutMs: number
  #dueAt = new Float64Array(FIRST_ROOM)
  #leftAt = new Float64Array(FIRST_ROOM)
  #answeredAt = new Float64Array(FIRST_ROOM)
  /** All requests up to this number are answered, or were given up. */
  #over = 0

  constructor(answerTimeoutMs: number) {
    this.#timeoutMs = answerTimeoutMs
  }

  /** The next request is due at this time; returns its number. */
  make(dueAt: number): number {
    const index = this.made++
    if (index === this.#dueAt.length) this.#grow()
    this.#dueAt[index] = dueAt
    this.#leftAt[index] = Number.NaN
    this.#answeredAt[index] = Number.NaN
    return this.made
  }

  left(number: number, at: number): void {
    this.#leftAt[number - 1] = at
  }

  leftAt(number: number): number {
    return this.#leftAt[number - 1] ?? Number.NaN
  }

  dueAt(number: number): number {
    return this.#dueAt[number - 1] ?? Number.NaN
  }

  /** Takes an answer that came; returns whether it is one, the first, and in time. */
  answer(number: number, at: number, intact: boolean): boolean {
    // Its number may be what is damaged.
    if (!intact) {
      this.damaged++
      return false
    }
    const index = number - 1
    if (index < 0 || index >= this.made) return false
    if (!Number.isNaN(this.#answeredAt[index] ?? Number.NaN)) {
      this.duplicated++
      return false
    }
    this.#answeredAt[index] = at
    if (at - (this.#dueAt[index] ?? 0) > this.#timeoutMs) {
      this.late++
      return false
    }
    this.answered++
    this.lastAnswerAt = at
    return true
  }

  isAnswered(number: number): boolean {
    return !Number.isNaN(this.#answeredAt[number - 1] ?? Number.NaN)
  }

  /** True if every request is answered or given up at this time. */
  over(now: number): boolean {
    while (this.#over < this.made) {
      const index = this.#over
      const waiting = Number.isNaN(this.#answeredAt[index] ?? 0)
      if (waiting && now - (this.#dueAt[index] ?? 0) <= this.#timeoutMs) return false
      this.#over++
    }
    return true
  }

  /** How long until the oldest open request is given up, in ms; 0 if none is open. */
  patienceMs(now: number): number {
    return this.over(now) ? 0 : (this.#dueAt[this.#over] ?? now) + this.#timeoutMs - now
  }

  /** Calls `take` for each request: due, left and answered; NaN for what did not happen. */
  each(take: (dueAt: number, leftAt: number, answeredAt: number) => void): void {
    for (let index = 0; index < this.made; index++)
      take(this.#dueAt[index] ?? 0, this.#leftAt[index] ?? 0, this.#answeredAt[index] ?? 0)
  }

  #grow(): void {
    const grown = (from: Float64Array<ArrayBuffer>) => {
      const larger = new Float64Array(2 * from.length)
      larger.set(from)
      return larger
    }
    this.#dueAt = grown(this.#dueAt)
    this.#leftAt = grown(this.#leftAt)
    this.#answeredAt = grown(this.#answeredAt)
  }
}
