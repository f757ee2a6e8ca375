/** What became of each request of a trial: when it was due, when it left, when its answer came. Times in ms on the monotonic clock. */

type Times = Float64Array<ArrayBuffer>
const FIRST_ROOM = 1024

/** Times of so many requests, NaN where there is none yet. */
export function newTimes(length = FIRST_ROOM): Times {
  return new Float64Array(length).fill(Number.NaN)
}

/** The same times, with room for `number` and more. */
export function withRoomFor(number: number, times: Times): Times {
  const larger = newTimes(Math.max(number, 2 * times.length))
  larger.set(times)
  return larger
}

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
  #dueAt = newTimes()
  #leftAt = newTimes()
  #answeredAt = newTimes()
  /** All requests up to this number are answered, or were given up. */
  #over = 0

  constructor(answerTimeoutMs: number) {
    this.#timeoutMs = answerTimeoutMs
  }

  /** The next request is due at this time; returns its number. */
  make(dueAt: number): number {
    const number = ++this.made
    if (number > this.#dueAt.length) {
      this.#dueAt = withRoomFor(number, this.#dueAt)
      this.#leftAt = withRoomFor(number, this.#leftAt)
      this.#answeredAt = withRoomFor(number, this.#answeredAt)
    }
    this.#dueAt[number - 1] = dueAt
    return number
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
    if (number < 1 || number > this.made) return false
    if (this.isAnswered(number)) {
      this.duplicated++
      return false
    }
    this.#answeredAt[number - 1] = at
    if (at - this.dueAt(number) > this.#timeoutMs) {
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
      const number = this.#over + 1
      if (!this.isAnswered(number) && now - this.dueAt(number) <= this.#timeoutMs) return false
      this.#over++
    }
    return true
  }

  /** How long until the oldest open request is given up, in ms; 0 if none is open. */
  patienceMs(now: number): number {
    return this.over(now) ? 0 : this.dueAt(this.#over + 1) + this.#timeoutMs - now
  }

  /** Calls `take` for each request: due, left and answered; NaN for what did not happen. */
  each(take: (dueAt: number, leftAt: number, answeredAt: number) => void): void {
    for (let index = 0; index < this.made; index++)
      take(this.#dueAt[index] ?? 0, this.#leftAt[index] ?? 0, this.#answeredAt[index] ?? 0)
  }
}
