/**
 * A pure pacer. The schedule is absolute: byte number `n` of the payload is due at `8 n / rate` seconds after the first, so
 * neither a late timer nor a slow send shifts what follows, and the average is exact.
 */
export interface Pacer {
  /** How many of the next datagrams of `chunkBytes` are due, when `offeredBytes` have been offered `elapsedMs` after the first. */
  due(elapsedMs: number, offeredBytes: number, chunkBytes: number): number
  /** How long until the next one is due, in ms; 0 or less when it is. */
  waitMs(elapsedMs: number, offeredBytes: number): number
}

/** Paces payload bits to `rateBps` bits a second. */
export function pacer(rateBps: number): Pacer {
  const bytesPerMs = rateBps / 8000
  return {
    due: (elapsedMs, offeredBytes, chunkBytes) =>
      Math.max(0, Math.floor((elapsedMs * bytesPerMs - offeredBytes) / chunkBytes) + 1),
    waitMs: (elapsedMs, offeredBytes) => offeredBytes / bytesPerMs - elapsedMs,
  }
}

/** No pacing: everything is due at once. */
export const unpaced: Pacer = { due: () => Number.POSITIVE_INFINITY, waitMs: () => 0 }
