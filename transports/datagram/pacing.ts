/**
 * A pure pacer. Byte number `n` of the payload is due `8 n / rate` seconds after the first, so neither a late timer nor a slow send
 * shifts what follows, and the average is exact; but of what a sender missed while it stood still, it makes up so much only, and
 * the rest of the schedule begins later: else its receiver would get it all in one burst.
 */
export interface Pacer {
  /** How many of the next datagrams of `chunkBytes` are due, when `offeredBytes` have been offered `elapsedMs` after the first. */
  due(elapsedMs: number, offeredBytes: number, chunkBytes: number): number
  /** How long until the next one is due, in ms; 0 or less when it is. */
  waitMs(elapsedMs: number, offeredBytes: number): number
  /** The longest that the next datagram was behind its schedule, in ms. */
  readonly latenessMs: number
  /** Notes what has been offered by now. */
  note(elapsedMs: number, offeredBytes: number, chunkBytes: number): void
  /**
   * The most datagrams that were offered at twice the rate or more, to make up for a delay. A sender that is too slow for its rate
   * never waits either, but makes up for nothing.
   */
  readonly burst: number
}

/** At most so much of the rate is made up for, in ms. */
export const CATCH_UP_MS = 20

/** Paces payload bits to `rateBps` bits a second. */
export function pacer(rateBps: number): Pacer {
  const bytesPerMs = rateBps / 8000
  let shiftMs = 0
  let latenessMs = 0
  let burst = 0
  /** Since when it has been catching up: how late it was then, and what it had offered. */
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

/** No pacing: everything is due at once. */
export const unpaced: Pacer = {
  due: () => Number.POSITIVE_INFINITY,
  waitMs: () => 0,
  latenessMs: 0,
  note: () => {},
  burst: 0,
}
