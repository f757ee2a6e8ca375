/** When datagrams of a payload are due. Pure. */

/** The most of the schedule to catch up on, in ms. */
export const CATCH_UP_MS = 20

/**
 * Paces payload bits to a rate. Byte number `n` of the payload is due `8 n / rate` seconds after the first, so neither a late timer nor a
 * slow send shifts the rest, and the average rate is exact. After a stall, however, the sender makes up for at most CATCH_UP_MS and shifts
 * the rest of the schedule, or its receiver would get the backlog in one burst.
 */
export class Pacer {
  /** The longest that a datagram was behind its schedule, in ms. */
  latenessMs = 0
  /**
   * The longest run of datagrams sent at twice the rate or more to catch up after a delay. A sender too slow for its rate never waits
   * either, but does not catch up.
   */
  burst = 0
  readonly #bytesPerMs: number
  #shiftMs = 0
  /** Start of the current catch-up: how late the sender was then, and what it had offered. */
  #latest = { lateMs: 0, bytes: 0 }

  constructor(rateBps: number) {
    this.#bytesPerMs = rateBps / 8000
  }

  /** How many of the next datagrams of `chunkBytes` are due, given `offeredBytes` offered so far and `elapsedMs` since the first. */
  due(elapsedMs: number, offeredBytes: number, chunkBytes: number): number {
    const lateMs = -this.waitMs(elapsedMs, offeredBytes)
    this.latenessMs = Math.max(this.latenessMs, lateMs)
    this.#shiftMs += Math.max(0, lateMs - CATCH_UP_MS)
    const onTime = lateMs <= chunkBytes / this.#bytesPerMs
    if (onTime || lateMs >= this.#latest.lateMs)
      this.#latest = { lateMs: Math.min(lateMs, CATCH_UP_MS), bytes: offeredBytes }
    const dueBytes = (elapsedMs - this.#shiftMs) * this.#bytesPerMs - offeredBytes
    return Math.max(0, Math.floor(dueBytes / chunkBytes) + 1)
  }

  /** The wait until the next one is due, in ms; 0 or less if it is due. */
  waitMs(elapsedMs: number, offeredBytes: number): number {
    return this.#shiftMs + offeredBytes / this.#bytesPerMs - elapsedMs
  }

  /** Records what has been offered by now. */
  note(elapsedMs: number, offeredBytes: number, chunkBytes: number): void {
    const bytes = offeredBytes - this.#latest.bytes
    const madeUpBytes = (this.#latest.lateMs + this.waitMs(elapsedMs, offeredBytes)) * this.#bytesPerMs
    if (madeUpBytes >= bytes / 2) this.burst = Math.max(this.burst, Math.round(bytes / chunkBytes))
  }
}

/** Without a rate, nothing is known of its keeping. */
export type Pace = Pick<Pacer, 'due' | 'waitMs' | 'note'> & Partial<Pacer>

/** No pacing: everything is due immediately. */
export const unpaced: Pace = {
  due: () => Number.POSITIVE_INFINITY,
  waitMs: () => 0,
  note: () => {},
}

export function paceOf(rateBps: number | undefined): Pace {
  return rateBps === undefined ? unpaced : new Pacer(rateBps)
}
