/** How many datagrams may be under way. Pure. */

export interface CongestionControl {
  /** In datagrams, 1 or more. */
  readonly window: number
  /** So many were acknowledged. @param flight how many were under way before */
  acknowledged(count: number, flight: number): void
  /** The first loss of a round trip. */
  lost(flight: number): void
  /** The retransmission time-out has passed. */
  timedOut(flight: number): void
}

/** Stop and wait: the next chunk leaves once this one has been acknowledged. */
export const ONE_AT_A_TIME: CongestionControl = {
  window: 1,
  acknowledged: () => {},
  lost: () => {},
  timedOut: () => {},
}

/** RFC 6928. */
const INITIAL_WINDOW = 10
const LEAST_THRESHOLD = 2

/**
 * Slow start and congestion avoidance of RFC 5681, counted in datagrams, with one halving per round trip in which anything was lost, as in
 * NewReno (RFC 6582): the caller says which loss is the first of its round trip.
 */
export class NewReno implements CongestionControl {
  window = INITIAL_WINDOW
  #threshold = Number.POSITIVE_INFINITY

  acknowledged(count: number, flight: number): void {
    // A window that is not used says nothing about the path (RFC 7661).
    if (2 * flight < this.window) return
    this.window += this.window < this.#threshold ? count : count / this.window
  }

  lost(flight: number): void {
    this.#threshold = Math.max(LEAST_THRESHOLD, flight / 2)
    this.window = this.#threshold
  }

  timedOut(flight: number): void {
    this.#threshold = Math.max(LEAST_THRESHOLD, flight / 2)
    this.window = 1
  }
}
