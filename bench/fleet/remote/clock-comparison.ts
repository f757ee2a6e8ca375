/**
 * How another host's clock stands to ours, from exchanges over a connection: in each, its reading was taken between our question and its
 * answer, so half the round trip bounds the error (RFC 5905 works alike). Old exchanges count for less, since clocks drift. Pure.
 */
import type { ClockReading } from '../calls/handle.ts'

interface Exchange {
  readonly at: number
  readonly offsetMs: number
  readonly rttMs: number
}

/** Quartz drifts by so much at most, in ms a ms: 100 parts per million. */
const DRIFT = 100e-6
const KEPT = 64

export class ClockComparison {
  #exchanges: Exchange[] = []

  /** @param sentAt, receivedAt on our clock, in ms @param theirs the reading of the other one */
  add(sentAt: number, theirs: number, receivedAt: number): void {
    const rttMs = receivedAt - sentAt
    // Theirs was read no earlier than this: since then the clocks have drifted apart.
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
