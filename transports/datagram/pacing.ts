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
  /** Notes that so many datagrams were offered without a wait in between. */
  noteBurst(datagrams: number): void
  /** The most of them. */
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
  return {
    due(elapsedMs, offeredBytes, chunkBytes) {
      const lateMs = elapsedMs - shiftMs - offeredBytes / bytesPerMs
      latenessMs = Math.max(latenessMs, lateMs)
      shiftMs += Math.max(0, lateMs - CATCH_UP_MS)
      const dueBytes = (elapsedMs - shiftMs) * bytesPerMs - offeredBytes
      return Math.max(0, Math.floor(dueBytes / chunkBytes) + 1)
    },
    waitMs: (elapsedMs, offeredBytes) => shiftMs + offeredBytes / bytesPerMs - elapsedMs,
    noteBurst: datagrams => {
      burst = Math.max(burst, datagrams)
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
  noteBurst: () => {},
  burst: 0,
}
