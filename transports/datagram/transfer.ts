/** One source of datagrams, and its open transfer: the state that the wire formats base their decisions on. */
import { monotonic } from '../../base/clock.ts'
import { formatBytes } from '../../base/units.ts'
import type { Failure } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Budget, Expectation } from '../contract/transport.ts'
import type { HeldMemory } from '../payload/held-memory.ts'
import { tooLarge } from '../payload/limits.ts'
import { Reception } from '../payload/reception.ts'
import type { Assembly, Held } from './assembly.ts'

/**
 * A repeated beginning this soon after the first is a duplicate; where transfers follow each other, within half the time between the last
 * two, or a loss in one of a camera's pictures would cost the next one too. After this much silence, a transfer left in doubt is complete.
 */
export const DUPLICATE_MS = 200
/** The longest marker or header. */
export const LONGEST_SIGNAL_BYTES = 8

/** The state that a wire format may base its decision on. */
export interface OpenTransfer {
  readonly announcedBytes: number | undefined
  /** Payload bytes received so far. */
  readonly bytes: number
  /** The longest payload datagram so far: all but the last are this long; 0 before the first. */
  readonly longestBytes: number
  /** A shorter datagram that has arrived, which can only be the last one. */
  readonly tail: Buffer | undefined
  /** Its beginning arrived so recently that the same one is a duplicate, and not that of the next transfer. */
  readonly isFresh: boolean
  /** What its datagrams carry to tell it from others of the same source, if they do. */
  readonly id: number | undefined
  readonly assembly: Assembly | undefined
}

export class Transfer implements OpenTransfer, Held {
  announcedBytes: number | undefined
  id: number | undefined
  assembly: Assembly | undefined
  /** True once its beginning has arrived; without it, only a trial can identify payload, by its content. */
  begun = true
  /** Payload arrived before its beginning, so what is saved is incomplete. */
  overtaken = false
  begunAt = Number.NaN
  /** How long it is fresh. */
  freshMs = DUPLICATE_MS
  /** How many transfers had ended at its socket when it began. */
  endedBefore = Number.NaN
  readonly reception: Reception
  arrivedAt = Number.NaN
  firstAt: number | undefined
  lastAt: number | undefined
  longestBytes = 0
  tail: Buffer | undefined
  /** Set if the first or the last payload datagram may be the length header of the next transfer; what follows decides. */
  nextBytes: number | undefined
  /**
   * `repeated`: its header arrived again, or the next one with the same length; `tail`: its last chunk, or the next header; `last`: the
   * same, and it completes the transfer. If nothing follows, the datagram belonged to this transfer.
   */
  doubt: 'repeated' | 'tail' | 'last' | undefined
  /** It may contain bytes of two transfers, and is never complete. */
  mixed = false
  ended = false
  acknowledged = false
  /** The receiver was called off mid-transfer. */
  interrupted = false
  failure: Failure | undefined
  /** Bytes that it holds of the receiver's memory. */
  heldBytes = 0
  readonly #budget: Budget | undefined

  constructor(
    expected: Expectation | undefined,
    memory: HeldMemory | undefined,
    lengths: boolean,
    budget?: Budget,
  ) {
    this.reception = new Reception(expected, memory, lengths)
    this.#budget = budget
  }

  /** @param at when the datagram arrived that begins it */
  begin(announcedBytes: number | undefined, at: number): this {
    this.announcedBytes = announcedBytes
    this.begunAt = this.arrivedAt = at
    return this
  }

  get bytes(): number {
    return this.reception.bytes
  }

  get isFresh(): boolean {
    return monotonic() - this.begunAt < this.freshMs
  }

  /** The beginning arrived after some payload. */
  beginLate(announcedBytes: number | undefined): void {
    this.begun = true
    this.overtaken = true
    this.announcedBytes = announcedBytes
  }

  /** Takes from the shared memory budget, if there is one. */
  hold(bytes: number): boolean {
    if (!this.#budget) return true
    if (!this.#budget.take(bytes)) {
      this.failure = this.#budget.exhausted
      return false
    }
    this.heldBytes += bytes
    return true
  }

  /** New, undamaged payload has arrived. @param exact fail if it exceeds the announced length */
  tookPayload(maxSizeBytes: number, exact: boolean): void {
    this.lastAt = this.arrivedAt
    this.firstAt ??= this.arrivedAt
    if (this.bytes > maxSizeBytes) this.failure = tooLarge(this.bytes, maxSizeBytes, false)
    else if (exact && this.announcedBytes !== undefined && this.bytes > this.announcedBytes)
      this.failure = failed('PROTOCOL', `more came than the ${formatBytes(this.announcedBytes)} announced`)
  }

  /** Records what the next decision needs to know about a payload datagram. */
  note(memory: Buffer, start: number, end: number): void {
    const length = end - start
    if (length > LONGEST_SIGNAL_BYTES && this.doubt === 'tail') this.mixed = true
    if (length >= this.longestBytes) this.longestBytes = length
    else if (length <= LONGEST_SIGNAL_BYTES) this.tail = Buffer.from(memory.subarray(start, end))
  }
}

export class Source {
  /** Taken from its latest datagram, with the local address that it was sent to. */
  endpoint: Endpoint
  open: Transfer | undefined
  /** Everything that came from it except empty datagrams. */
  datagrams = 0
  /** Datagrams that belonged to no transfer since the last reported one. */
  stray = 0
  /** It has been reported as sending datagrams outside a transfer. */
  noted = false
  /** When its last transfer began. */
  begunAt = Number.NEGATIVE_INFINITY
  endedAt = Number.NEGATIVE_INFINITY
  /** By id whether its latest transfers were whole: what still comes of them begins no new one. */
  readonly ended = new Map<number, boolean>()

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint
  }

  /** A transfer with an id has ended. */
  remember(id: number, whole: boolean): void {
    this.ended.set(id, whole)
    for (const oldest of this.ended.keys()) if (this.ended.size > MOST_ENDED) this.ended.delete(oldest)
  }
}

/** A path may hold a datagram back for as many transfers. */
const MOST_ENDED = 32

export function failed(code: string, message: string): Failure {
  return { phase: 'transfer', code, message }
}
