/** How a datagram wire format informs a receiver: what each datagram means, and how a transfer begins and ends. */

import type { Expectation } from '../contract/transport.ts'
import type { Assembly } from './assembly.ts'
import type { OpenTransfer } from './transfer.ts'

/** The meaning of an arriving datagram. */
export type Meaning =
  | { readonly kind: 'begin'; readonly announcedBytes?: number }
  /**
   * Payload. `begins`: it says of itself which transfer of its source it belongs to, and how long that one is; `nextBytes`: as the
   * first datagram, it may instead be a header that announces this many bytes; `tail`: it is either the last chunk or the next header;
   * `last`: the same, where the header would announce this many bytes and the chunk would complete the transfer; `undecidable`: as a
   * header it announces exactly what the transfer would still miss, so both would be complete at the same datagram.
   */
  | {
      readonly kind: 'payload'
      readonly begins?: { readonly announcedBytes: number; readonly id?: number }
      readonly nextBytes?: number
      readonly tail?: true
      readonly last?: number
      readonly undecidable?: true
    }
  | { readonly kind: 'end' }
  /** The beginning repeated; `doubtful`: or the beginning of the next transfer, which looks the same. */
  | { readonly kind: 'again'; readonly doubtful?: true }
  /** Belongs to no transfer; `what`: details, if the format knows any. */
  | { readonly kind: 'foreign'; readonly what?: string }
  | { readonly kind: 'ignored' }

export type PayloadMeaning = Extract<Meaning, { kind: 'payload' }>

export const PAYLOAD: Meaning = { kind: 'payload' }
export const IGNORED: Meaning = { kind: 'ignored' }
export const FOREIGN: Meaning = { kind: 'foreign' }
export const AGAIN: Meaning = { kind: 'again' }

export interface ReceivingFormat {
  /**
   * Interprets a datagram; `open` is its source's open transfer.
   * @param maxSizeBytes the most that a transfer may announce; undefined if a source sends only one transfer
   */
  readonly meaning: (
    memory: Buffer,
    start: number,
    end: number,
    open: OpenTransfer | undefined,
    maxSizeBytes: number | undefined,
  ) => Meaning
  /** How a transfer begins, for reporting that its beginning is missing. */
  readonly beginning: 'begin' | 'header' | undefined
  /** Bytes in front of every chunk, which are no payload; 0 if absent. */
  readonly headerBytes?: number
  /** An end marker closes a transfer; without one, the announced length or the single datagram does. */
  readonly endMarker: boolean
  /** The reply to the sender once everything has arrived. */
  readonly acknowledgement?: Buffer
  /**
   * For a format whose every datagram says where it belongs: what a transfer needs that begins with this datagram; undefined if it cannot begin one.
   * `rcvbufBytes` is the socket's receive buffer.
   */
  readonly assemble?: (
    memory: Buffer,
    start: number,
    end: number,
    rcvbufBytes: number | undefined,
  ) => Assembly | undefined
  /** Its answer to a datagram of a transfer that has ended; `whole`: with everything. */
  readonly afterwards?: (memory: Buffer, start: number, end: number, whole: boolean) => Buffer | undefined
  /** Explains, in words, a likely cause for a transfer that announced this many bytes and is incomplete. */
  readonly remark?: (announcedBytes: number, bytes: number) => string | undefined
  /** Adapts the expectation to how this format splits it into datagrams. */
  readonly cut?: (expected: Expectation) => Expectation
}
