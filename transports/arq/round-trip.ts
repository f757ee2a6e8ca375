/** The retransmission time-out of RFC 6298. Times in ms. Pure. */

const FIRST_MS = 1000
/** RFC 6298 (2.4) advises a second. This is the bound of TCP in Linux, with which these protocols are compared. */
const LEAST_MS = 200
const MOST_MS = 60_000
/** Clock granularity. */
const GRANULARITY_MS = 1

export class RoundTrip {
  /** Undefined before the first sample. */
  smoothedMs: number | undefined
  timeoutMs = FIRST_MS
  #variationMs = 0

  /** A measured round trip of one transmission, never of one that may have been another (Karn’s algorithm). */
  sample(ms: number): void {
    if (this.smoothedMs === undefined) {
      this.smoothedMs = ms
      this.#variationMs = ms / 2
    } else {
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.smoothedMs - ms)
      this.smoothedMs = 0.875 * this.smoothedMs + 0.125 * ms
    }
    const timeoutMs = this.smoothedMs + Math.max(GRANULARITY_MS, 4 * this.#variationMs)
    this.timeoutMs = Math.min(MOST_MS, Math.max(LEAST_MS, timeoutMs))
  }

  /** The time-out has passed without an answer; the next sample ends the backing off. */
  backOff(): void {
    this.timeoutMs = Math.min(MOST_MS, 2 * this.timeoutMs)
  }
}
