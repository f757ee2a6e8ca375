/** One source of datagrams, and the transfer that it has open: the state that the wire formats decide by. */
import { monotonic } from '../../base/clock.ts'
import { formatBytes } from '../../base/units.ts'
import type { Failure } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Budget, Expectation } from '../contract/transport.ts'
import type { HeldMemory } from '../payload/held-memory.ts'
import { Reception } from '../payload/reception.ts'

/** So soon after a beginning the same one again is its duplicate; so long nothing has to come before what it left in doubt is whole. */
export const DUPLICATE_MS = 200
/** Of all markers and headers. */
export const LONGEST_SIGNAL_BYTES = 8

/** What a wire format may decide by. */
export interface OpenTransfer {
  readonly announcedBytes: number | undefined
  /** Payload bytes that have come. */
  readonly bytes: number
  /** The longest payload datagram so far: all but the last one are as long; 0 before the first. */
  readonly longestBytes: number
  /** A shorter one has come, which can only be the last. */
  readonly tail: Buffer | undefined
  /** Since the beginning came, in ms. */
  readonly ageMs: number
}

export class Transfer implements OpenTransfer {
  announcedBytes: number | undefined
  /** Its beginning has come; without it, only a trial knows payload by what is in it. */
  begun = true
  /** Payload came before its beginning: what is saved is not all of it. */
  overtaken = false
  readonly begunAt: number
  readonly reception: Reception
  arrivedAt: number
  firstAt: number | undefined
  lastAt: number | undefined
  longestBytes = 0
  tail: Buffer | undefined
  /** The first datagram of the payload, or the last one, may be the length header of the next transfer, as what follows tells. */
  nextBytes: number | undefined
  /**
   * `repeated`: its header came again, or the next one, of equal length; `tail`: its last chunk, or the next header; `last`: the same,
   * and with it all has come. If nothing follows, it was its own.
   */
  doubt: 'repeated' | 'tail' | 'last' | undefined
  /** Bytes of two transfers may be mixed in it: never whole. */
  mixed = false
  ended = false
  acknowledged = false
  /** The receiver was called off in the middle of it. */
  interrupted = false
  failure: Failure | undefined
  /** Bytes of the receiver's memory that it holds. */
  heldBytes = 0

  constructor(
    announcedBytes: number | undefined,
    expected: Expectation | undefined,
    memory: HeldMemory | undefined,
    lengths: boolean,
  ) {
    this.announcedBytes = announcedBytes
    this.reception = new Reception(expected, memory, lengths)
    this.begunAt = this.arrivedAt = monotonic()
  }

  get bytes(): number {
    return this.reception.bytes
  }

  get ageMs(): number {
    return monotonic() - this.begunAt
  }

  /** Its average rate since it began, in bit/s. */
  rateBps(now: number): number {
    return (this.bytes * 8000) / Math.max(1, now - this.begunAt)
  }

  /** Its beginning was overtaken by payload. */
  beginLate(announcedBytes: number | undefined): void {
    this.begun = true
    this.overtaken = true
    this.announcedBytes = announcedBytes
  }

  /** Takes from the memory of all transfers, where there is a bound to it. */
  hold(budget: Budget | undefined, bytes: number): boolean {
    if (!budget) return true
    if (!budget.take(bytes)) {
      this.failure = budget.exhausted
      return false
    }
    this.heldBytes += bytes
    return true
  }

  /** Something new and undamaged has arrived. @param exact more than was announced is a failure */
  tookPayload(maxSizeBytes: number, exact: boolean): void {
    this.lastAt = this.arrivedAt
    this.firstAt ??= this.arrivedAt
    if (this.bytes > maxSizeBytes) this.failure = tooLarge(this.bytes, maxSizeBytes, false)
    else if (exact && this.announcedBytes !== undefined && this.bytes > this.announcedBytes)
      this.failure = failed('PROTOCOL', `more came than the ${formatBytes(this.announcedBytes)} announced`)
  }

  /** Notes what the next decision needs of a payload datagram. */
  note(memory: Buffer, start: number, end: number): void {
    const length = end - start
    if (length > LONGEST_SIGNAL_BYTES && this.doubt === 'tail') this.mixed = true
    if (length >= this.longestBytes) this.longestBytes = length
    else if (length <= LONGEST_SIGNAL_BYTES) this.tail = Buffer.from(memory.subarray(start, end))
  }
}

export class Source {
  /** As its latest datagram came: with our address that it was sent to. */
  endpoint: Endpoint
  readonly since = monotonic()
  open: Transfer | undefined
  /** All that came from it, but for empty ones. */
  datagrams = 0
  /** Those that belonged to no transfer, since the last one that was reported. */
  stray = 0
  /** It was said that it sends what is no transfer. */
  noted = false
  endedAt = Number.NEGATIVE_INFINITY

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint
  }
}

/** @param announced whether so much was said to come, rather than came */
export function tooLarge(bytes: number, limit: number, announced: boolean): Failure {
  const what = announced ? `the sender announced ${formatBytes(bytes)}` : `${formatBytes(bytes)} came`
  const message = `${what}; the most taken is ${formatBytes(limit)}`
  return { phase: 'handshake', code: 'TOO_LARGE', message }
}

export function failed(code: string, message: string): Failure {
  return { phase: 'transfer', code, message }
}
