/** When a sender that hears nothing acts: probes the tail (RFC 8985, section 7), or takes all for lost (RFC 6298). Times in ms. Pure. */

const FIRST_MS = 1000
/** RFC 6298 (2.4) advises a second. This is the bound of TCP in Linux, with which these protocols are compared. */
const LEAST_MS = 200
const MOST_MS = 60_000
/** Clock granularity. */
const GRANULARITY_MS = 1
/** A probe waits for this at least: a receiver may be without its CPU for a moment. */
const LEAST_PROBE_MS = 5

export class Timer {
  readonly #probes: boolean
  #mayProbe: boolean
  /** When something new was last acknowledged, or the time-out passed, or the first datagram under way left. */
  #since: number
  #lastSentAt: number
  #timeoutMs = FIRST_MS
  /** Undefined before the first sample. */
  #smoothedMs: number | undefined
  #variationMs = 0

  /** @param probes after two round trips without an answer, and not only the time-out */
  constructor(probes: boolean, now: number) {
    this.#probes = this.#mayProbe = probes
    this.#since = this.#lastSentAt = now
  }

  /** When `expire` is due. */
  get deadline(): number {
    const timeoutAt = this.#since + this.#timeoutMs
    if (!this.#mayProbe || this.#smoothedMs === undefined) return timeoutAt
    const probeMs = Math.max(LEAST_PROBE_MS, 2 * this.#smoothedMs)
    return Math.min(timeoutAt, Math.max(this.#since, this.#lastSentAt) + probeMs)
  }

  /** A datagram leaves. @param isFirst nothing else is under way */
  sent(now: number, isFirst: boolean): void {
    if (isFirst) this.#since = now
    this.#lastSentAt = now
  }

  /** Something new was acknowledged. */
  heard(at: number): void {
    this.#since = at
    this.#mayProbe = this.#probes
  }

  /** A measured round trip of one transmission, never of one that may have been another (Karn’s algorithm). It ends the backing off. */
  sample(ms: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = ms
      this.#variationMs = ms / 2
    } else {
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - ms)
      this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * ms
    }
    const timeoutMs = this.#smoothedMs + Math.max(GRANULARITY_MS, 4 * this.#variationMs)
    this.#timeoutMs = Math.min(MOST_MS, Math.max(LEAST_MS, timeoutMs))
  }

  /** The deadline has passed: says for what. Backs off after a time-out. */
  expire(now: number): 'probe' | 'time-out' {
    this.#mayProbe = false
    if (now < this.#since + this.#timeoutMs) return 'probe'
    this.#since = now
    this.#timeoutMs = Math.min(MOST_MS, 2 * this.#timeoutMs)
    return 'time-out'
  }
}
