/**
 * What a fleet over NATS has its server carry. Pure.
 *
 * The constants are what a server counted (`/varz`: messages and their bytes, in and out) while three hosts in namespaces measured their
 * six pairs with 1, 2 and 4 cases of `--size 20k --warmup 0`: messages and bytes grew evenly with the cases. `npm run bench:fleet` counts
 * as many messages a pair for 40 simulated hosts as for 500.
 */

/** Leases, the handshakes of both hosts, their visit, and clocks. */
const OF_PAIR = { messages: 160, bytes: 12_000 }
/** Calls of both agents, their reports, and a row. */
const OF_TRIAL = { messages: 120, bytes: 12_000 }
/** Each host writes again that it is there. */
const OF_HOST_AND_SECOND = { messages: 0.4, bytes: 61 }
/** A stream of rows that this program makes drops older rows, and the oldest beyond so many bytes. */
export const ROWS_KEPT = { ageMs: 7 * 86_400_000, bytes: 2 ** 30 }
/** What the server stores of a row: the line, and its id and subject. */
const ROW_BYTES = 2400

export interface FleetSize {
  readonly hosts: number
  /** Measured at the same time, at most. */
  readonly pairs: number
  readonly trialsPerPair: number
  readonly roundMs: number
  /** In all. */
  readonly rows: number
}

/** On average over a round, in and out; and what the stream holds when all is measured. */
export interface BusLoad {
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
  readonly storedBytes: number
}

export function busLoad({ hosts, pairs, trialsPerPair, roundMs, rows }: FleetSize): BusLoad {
  const perSecond = (of: 'messages' | 'bytes') =>
    (1000 * pairs * (OF_PAIR[of] + trialsPerPair * OF_TRIAL[of])) / roundMs + hosts * OF_HOST_AND_SECOND[of]
  return {
    messagesPerSecond: perSecond('messages'),
    bytesPerSecond: perSecond('bytes'),
    storedBytes: rows * ROW_BYTES,
  }
}
