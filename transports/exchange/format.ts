/** What requests and answers look like on the wire. */
import type { TakeDatagram } from '../contract/sockets.ts'

export interface MessageFormat {
  /** Size of a request where nobody asks for another, and the least that there is, in bytes. */
  readonly usualBytes: number
  readonly leastBytes: number
  /** Makes the memory for requests of about `sizeBytes`. */
  message(sizeBytes: number): Message
  /** The number of the request in these bytes, 0 if it has none; undefined if they are no request. */
  numberOf(memory: Buffer, start: number, end: number): number | undefined
  /** The answer to every request, which does not say which of them; absent where the answer is the request itself. */
  readonly answer?: Buffer
}

/** A request that is made again and again. */
export interface Message {
  /** Its memory; only the first bytes of it are the request. */
  readonly bytes: Buffer
  /** Makes it request `number` (from 1 on), and returns its length in bytes. */
  become(number: number): number
  /** The length of request `number`. */
  lengthOf(number: number): number
  /** Every request says its number, so that an echo does. */
  readonly numbered: boolean
}

/** Takes datagrams one by one, where the kernel has glued several (UDP_GRO). */
export function eachDatagram(take: TakeDatagram): TakeDatagram {
  return (memory, start, end, from, at, eachBytes = end - start) => {
    if (eachBytes >= end - start) take(memory, start, end, from, at)
    else
      for (let first = start; first < end; first += eachBytes)
        take(memory, first, Math.min(first + eachBytes, end), from, at)
  }
}
