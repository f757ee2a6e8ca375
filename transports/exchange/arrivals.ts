/** The requests of a trial that reach the end that answers, by their numbers. Times in ms on the monotonic clock. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { Bell } from '../../base/waiting.ts'
import { encodeTimes, MOST_TIMES } from '../contract/times.ts'

const FIRST_ROOM = 1024
/** Our requests never have larger numbers. */
const LARGEST_NUMBER = 2 ** 24

export class Arrivals {
  delivered = 0
  duplicated = 0
  reordered = 0
  firstAt: number | undefined
  lastAt: number | undefined
  #at = new Float64Array(FIRST_ROOM).fill(Number.NaN)
  #largest = 0
  readonly #bell = new Bell()

  /** Takes request `number`, 0 if it has no number: then duplicates are not recognised. */
  take(number: number, at: number): void {
    const numbered = number >= 1 && number <= LARGEST_NUMBER
    if (numbered) {
      this.#makeRoom(number)
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
  async settle(
    isThere: () => boolean,
    quietMs: number,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const begun = monotonic()
    const until = () => Math.min(Math.max(begun, this.lastAt ?? begun) + quietMs, begun + deadlineMs)
    while (!isThere() && !signal.aborted) {
      const leftMs = until() - monotonic()
      if (leftMs > 0) {
        await this.#bell.wait(leftMs, signal)
        continue
      }
      // A timer may fire while requests wait in the socket: only an event loop turn that delivers none means silence.
      await nextTurn()
      await nextTurn()
      if (monotonic() >= until()) return
    }
  }

  /** When each arrived, after the first: `encodeTimes`. Undefined for more than a report holds. */
  times(): string | undefined {
    const { firstAt } = this
    if (firstAt === undefined || this.#largest === 0 || this.#largest > MOST_TIMES) return undefined
    return encodeTimes(this.#at.slice(0, this.#largest).map(at => at - firstAt))
  }

  #makeRoom(number: number): void {
    if (number <= this.#at.length) return
    const larger = new Float64Array(Math.max(number, 2 * this.#at.length)).fill(Number.NaN)
    larger.set(this.#at)
    this.#at = larger
  }
}
