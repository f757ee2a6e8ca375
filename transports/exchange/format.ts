/** What requests and answers look like on the wire. */
import type { Endpoint } from '../contract/socket-facts.ts'
import type { TakeDatagram } from '../contract/sockets.ts'

export interface MessageFormat {
  /** The default size of a request, and the smallest possible one, in bytes. */
  readonly usualBytes: number
  readonly leastBytes: number
  /** Makes the memory for requests of about `sizeBytes`. */
  message(sizeBytes: number): Message
  /** The number of the request in these bytes, 0 if it has none; undefined if they are not a request. */
  numberOf(memory: Buffer, start: number, end: number): number | undefined
  /** The answer to every request, which does not say which of them; absent where the answer is the request itself. */
  readonly answer?: Buffer
  /** Answers that are made of requests, and say which of them; absent where they are one text, or the request itself. */
  readonly reflection?: Reflection
}

export interface Reflection {
  /** Turns a copy of a request into its answer. Times in ms on the monotonic clock. @param hops TTL with which it arrived, if known */
  reflect(packet: Buffer, from: Endpoint, at: number, hops: number | undefined): void
  /** The number of the request that these bytes answer; 0 if they answer none. */
  answered(memory: Buffer, start: number, end: number): number
  /** What the answer to `request` says; undefined if it is damaged. */
  read(memory: Buffer, start: number, end: number, request: Buffer): Reflected | undefined
}

/** What an answer says of its request. */
export interface Reflected {
  /** When the request arrived, by the reflector's clock, on the monotonic clock of this host, in ms. */
  readonly arrivedAt: number
  /** How long the reflector had it. */
  readonly heldMs: number
  /** How far both clocks may be apart; undefined if nothing is known of that. */
  readonly errorMs: number | undefined
  /** The number that the reflector gave its answer, from 1 on. */
  readonly count: number
}

/** A request that is made again and again. */
export interface Message {
  /** Its memory; only the first bytes of it are the request. */
  readonly bytes: Buffer
  /** Makes it request `number` (from 1 on), which leaves at a time in ms on the monotonic clock, and returns its length in bytes. */
  become(number: number, leavesAt: number): number
  /** The length of request `number`. */
  lengthOf(number: number): number
  /** Every request says its number, so that an echo does. */
  readonly numbered: boolean
}

/** Takes datagrams one by one, where the kernel has glued several (UDP_GRO). */
export function eachDatagram(take: TakeDatagram): TakeDatagram {
  return (memory, start, end, from, at, eachBytes = end - start, hops) => {
    if (eachBytes >= end - start) take(memory, start, end, from, at, undefined, hops)
    else
      for (let first = start; first < end; first += eachBytes)
        take(memory, first, Math.min(first + eachBytes, end), from, at, undefined, hops)
  }
}
