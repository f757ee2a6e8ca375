/**
 * A pure pacer. Byte number `n` of the payload is due `8 n / rate` seconds after the first, so neither a late timer nor a slow send
 * shifts the rest, and the average rate is exact. After a stall, however, the sender makes up for at most CATCH_UP_MS and shifts the rest
 * of the schedule, or its receiver would get the backlog in one burst.
 */
export interface Pacer {
  /** How many of the next datagrams of `chunkBytes` are due, given `offeredBytes` offered so far and `elapsedMs` since the first. */
  due(elapsedMs: number, offeredBytes: number, chunkBytes: number): number
  /** The wait until the next one is due, in ms; 0 or less if it is due. */
  waitMs(elapsedMs: number, offeredBytes: number): number
  /** The longest that a datagram was behind its schedule, in ms. */
  readonly latenessMs: number
  /** Records what has been offered by now. */
  note(elapsedMs: number, offeredBytes: number, chunkBytes: number): void
  /**
   * The longest run of datagrams sent at twice the rate or more to catch up after a delay. A sender too slow for its rate never waits
   * either, but does not catch up.
   */
  readonly burst: number
}

/** Without a rate, nothing is known of its keeping. */
export type Pace = Pick<Pacer, 'due' | 'waitMs' | 'note'> & Partial<Pacer>

/** The longest pause of a paced sender between two checks for an abort. */
export const LONGEST_PAUSE_MS = 250

/** The most of the schedule to catch up on, in ms. */
export const CATCH_UP_MS = 20

/** Paces payload bits to `rateBps` bits per second. */
export function pacer(rateBps: number): Pacer {
  const bytesPerMs = rateBps / 8000
  let shiftMs = 0
  let latenessMs = 0
  let burst = 0
  /** Start of the current catch-up: how late the sender was then, and what it had offered. */
  let latest = { lateMs: 0, bytes: 0 }
  const lateMsAt = (elapsedMs: number, offeredBytes: number) =>
    elapsedMs - shiftMs - offeredBytes / bytesPerMs
  return {
    due(elapsedMs, offeredBytes, chunkBytes) {
      const lateMs = lateMsAt(elapsedMs, offeredBytes)
      latenessMs = Math.max(latenessMs, lateMs)
      shiftMs += Math.max(0, lateMs - CATCH_UP_MS)
      const onTime = lateMs <= chunkBytes / bytesPerMs
      if (onTime || lateMs >= latest.lateMs)
        latest = { lateMs: Math.min(lateMs, CATCH_UP_MS), bytes: offeredBytes }
      const dueBytes = (elapsedMs - shiftMs) * bytesPerMs - offeredBytes
      return Math.max(0, Math.floor(dueBytes / chunkBytes) + 1)
    },
    waitMs: (elapsedMs, offeredBytes) => shiftMs + offeredBytes / bytesPerMs - elapsedMs,
    note(elapsedMs, offeredBytes, chunkBytes) {
      const bytes = offeredBytes - latest.bytes
      const madeUpBytes = (latest.lateMs - lateMsAt(elapsedMs, offeredBytes)) * bytesPerMs
      if (madeUpBytes >= bytes / 2) burst = Math.max(burst, Math.round(bytes / chunkBytes))
    },
    get latenessMs() {
      return latenessMs
    },
    get burst() {
      return burst
    },
  }
}

/** No pacing: everything is due immediately. */
export const unpaced: Pace = {
  due: () => Number.POSITIVE_INFINITY,
  waitMs: () => 0,
  note: () => {},
}

export function paceOf(rateBps: number | undefined): Pace {
  return rateBps === undefined ? unpaced : pacer(rateBps)
}
