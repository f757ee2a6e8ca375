/** What a wire format of datagrams tells a receiver: what each datagram means, and how a transfer begins and ends. */

import type { Expectation } from '../contract/transport.ts'
import type { OpenTransfer } from './transfer.ts'

/** What an arriving datagram means. */
export type Meaning =
  | { readonly kind: 'begin'; readonly announcedBytes?: number }
  /**
   * Payload. `alone`: it is a whole transfer by itself; `next`: as the first one it may be a header that announces so much;
   * `tail`: it may be the next header as well as the last chunk; `last`: so it may, that announces so much, and would make it whole.
   */
  | {
      readonly kind: 'payload'
      readonly alone?: true
      readonly nextBytes?: number
      readonly tail?: true
      readonly last?: number
    }
  | { readonly kind: 'end' }
  /** The beginning once more; `doubtful`: or that of the next transfer, which looks the same. */
  | { readonly kind: 'again'; readonly doubtful?: true }
  /** Of no transfer; `what`: in words, where the format can say more than that. */
  | { readonly kind: 'foreign'; readonly what?: string }
  | { readonly kind: 'ignored' }

export const PAYLOAD: Meaning = { kind: 'payload' }
export const IGNORED: Meaning = { kind: 'ignored' }
export const FOREIGN: Meaning = { kind: 'foreign' }
export const AGAIN: Meaning = { kind: 'again' }

export interface ReceivingFormat {
  /**
   * Reads a datagram; `open` is its source's open transfer.
   * @param maxSizeBytes what no transfer announces more than; undefined when a source sends one transfer only
   */
  readonly meaning: (
    memory: Buffer,
    start: number,
    end: number,
    open: OpenTransfer | undefined,
    maxSizeBytes: number | undefined,
  ) => Meaning
  /** What begins a transfer, for a report without one. */
  readonly beginning: 'begin' | 'header' | undefined
  /** An end marker closes a transfer; without one, the announced length or the single datagram does. */
  readonly endMarker: boolean
  /** Answered to the sender when all has come. */
  readonly acknowledgement?: Buffer
  /** What may be wrong with a transfer that was announced with so many bytes and is not whole, in words. */
  readonly remark?: (announcedBytes: number, bytes: number) => string | undefined
  /** The expectation as this format cuts it into datagrams. */
  readonly cut?: (expected: Expectation) => Expectation
}
