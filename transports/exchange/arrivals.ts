/** The requests of a trial that reach the end that answers, by their numbers. Times in ms on the monotonic clock. */
import { Bell, untilQuiet } from '../../base/waiting.ts'
import { encodeTimes, MOST_TIMES } from '../contract/times.ts'
import { newTimes, withRoomFor } from './requests.ts'

/** Our requests never have larger numbers. */
const LARGEST_NUMBER = 2 ** 24

export class Arrivals {
  delivered = 0
  duplicated = 0
  reordered = 0
  firstAt: number | undefined
  lastAt: number | undefined
  #at = newTimes()
  #largest = 0
  readonly #bell = new Bell()

  /** Takes request `number`, 0 if it has no number: then duplicates are not recognised. */
  take(number: number, at: number): void {
    const numbered = number >= 1 && number <= LARGEST_NUMBER
    if (numbered) {
      if (number > this.#at.length) this.#at = withRoomFor(number, this.#at)
      if (!Number.isNaN(this.#at[number - 1] ?? Number.NaN)) {
        this.duplicated++
        return
      }
      this.#at[number - 1] = at
      if (number < this.#largest) this.reordered++
      else this.#largest = number
    }
    this.delivered++
    this.firstAt ??= at
    this.lastAt = at
    this.#bell.ring()
  }

  /** Resolves once `isThere`, when nothing has arrived for `quietMs`, or after `deadlineMs`. */
  settle(isThere: () => boolean, quietMs: number, deadlineMs: number, signal: AbortSignal): Promise<void> {
    return untilQuiet(isThere, () => this.lastAt, quietMs, deadlineMs, this.#bell, signal)
  }

  /** When each arrived, after the first: `encodeTimes`. Undefined for more than a report holds. */
  times(): string | undefined {
    const { firstAt } = this
    if (firstAt === undefined || this.#largest === 0 || this.#largest > MOST_TIMES) return undefined
    return encodeTimes(this.#at.slice(0, this.#largest).map(at => at - firstAt))
  }
}
