/**
 * Estimates another host's clock offset from exchanges over a connection: each reading was taken between our question and its answer, so
 * half the round trip bounds the error (as in RFC 5905). Old exchanges count for less, since clocks drift. Pure.
 */
import type { ClockReading } from '../calls/handle.ts'

interface Exchange {
  readonly at: number
  readonly offsetMs: number
  readonly rttMs: number
}

/** The most that quartz drifts, in ms per ms: 100 parts per million. */
const DRIFT = 100e-6
const KEPT = 64

export class ClockComparison {
  #exchanges: Exchange[] = []

  /** @param sentAt, receivedAt on the local clock, in ms @param theirs reading of the other clock */
  add(sentAt: number, theirs: number, receivedAt: number): void {
    const rttMs = receivedAt - sentAt
    // The reading was taken no earlier than this; the clocks have drifted apart since.
    this.#exchanges.push({ at: sentAt, offsetMs: theirs - (sentAt + rttMs / 2), rttMs })
    if (this.#exchanges.length > KEPT) this.#exchanges.shift()
  }

  get known(): boolean {
    return this.#exchanges.length > 0
  }

  /** The best estimate at `now`. */
  reading(now: number): ClockReading {
    const error = ({ at, rttMs }: Exchange) => rttMs / 2 + (now - at) * DRIFT
    const [best] = this.#exchanges.toSorted((a, b) => error(a) - error(b))
    if (!best) throw new Error('no exchange to compare clocks by')
    const rttMs = Math.min(...this.#exchanges.map(each => each.rttMs))
    return { offsetMs: best.offsetMs, errorMs: error(best), rttMs }
  }
}
