/** What a format keeps of each transfer whose every datagram says where it belongs. */
import type { HeldBytes } from '../contract/reports.ts'
import type { Reception } from '../payload/reception.ts'

/** Where a transfer's payload goes. */
export interface Held {
  readonly reception: Reception
  /** Returns false, and ends the transfer, if there is no memory for so many bytes. */
  hold(bytes: number): boolean
}

/**
 * Sorts the datagrams of one transfer, which come in any order and more than once, puts their chunks in order, and answers them, if its
 * format resends what was lost.
 */
export interface Assembly {
  /** Of a chunk, the last of which may be shorter: what has not come by the end is lost. Absent where it is sent again. */
  readonly chunkBytes?: number
  /** Every chunk has arrived. */
  readonly complete: boolean
  /** Something has arrived since the last answer. `urgent`: the answer must not wait for more. */
  readonly unanswered?: boolean
  readonly urgent?: boolean
  /** Memory that it takes, beside what it holds. */
  readonly overheadBytes: number
  /** True if this datagram is whole, and of this transfer. */
  isOf(memory: Buffer, start: number, end: number): boolean
  /** True if this transmission has not arrived before; remembers it. */
  isNew(memory: Buffer, start: number): boolean
  /** Takes a datagram of this transfer, with its header; returns true if its payload is new and undamaged. */
  take(memory: Buffer, datagram: number, end: number, into: Held): boolean
  /** What has arrived, for the sender; never longer than all that has arrived since the last one. */
  answer?(): Buffer
  /** Tells the sender that no more is taken. */
  refusal?(): Buffer
  /** What is held, in the order of the payload; absent if it is appended in that order. */
  inOrder?(held: HeldBytes): HeldBytes
}
