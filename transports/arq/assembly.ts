/** What a reliable receiver knows of one transfer: sorts what arrives, puts it in order, and answers. Pure: no socket, no clock. */
import type { Assembly, Held } from '../datagram/assembly.ts'
import { HEADER_BYTES, type Opening } from '../datagram/openings.ts'
import { IndexSet } from '../payload/index-set.ts'
import { datagramCount } from '../payload/reception.ts'
import { ANSWER_BYTES, chunkAt, encodeAnswer, encodeRefusal, isOf, transmissionAt } from './wire.ts'

/** Datagrams ahead of a missing one: their number, and what they hold in all. */
const MOST_AHEAD = 8192
const MOST_AHEAD_BYTES = 4 << 20
/** A sender may have as many under way before the first answer. */
const LEAST_AHEAD = 16
/** Datagrams that arrive before an answer leaves without waiting for others. */
const ANSWER_EVERY = 32
/** Transmissions that are remembered, from the highest down. */
const ARRIVALS = 65_536

export class ArqAssembly implements Assembly {
  readonly opening: Opening
  readonly #chunks: number
  readonly #ahead: number
  readonly #windowChunks: number
  readonly #transmissions = new IndexSet(ARRIVALS)
  readonly #arrived: IndexSet
  /** The bytes of those behind a missing one, if the transfer is held. */
  readonly #waiting = new Map<number, Buffer>()
  #next = 0
  /** Received since the last answer, which must not be longer. */
  #creditBytes = 0
  #unanswered = 0

  /**
   * @param rcvbufBytes of the socket: more than it can hold must not be under way
   * @param ahead how many chunks from the next one on it takes
   */
  constructor(
    opening: Opening,
    rcvbufBytes: number | undefined,
    ahead = slotsFor(opening.chunkBytes, LEAST_AHEAD),
  ) {
    this.opening = opening
    this.#chunks = datagramCount(opening)
    this.#ahead = ahead
    this.#arrived = new IndexSet(ahead)
    // The kernel charges a datagram with up to twice its length and its bookkeeping.
    const chargedBytes = 2 * (HEADER_BYTES + opening.chunkBytes) + 512
    const fit = rcvbufBytes === undefined ? this.#ahead : Math.floor(rcvbufBytes / chargedBytes)
    this.#windowChunks = Math.max(2, Math.min(this.#ahead, fit))
  }

  get overheadBytes(): number {
    return (this.#ahead + ARRIVALS) / 8
  }

  get complete(): boolean {
    return this.#next === this.#chunks
  }

  get unanswered(): boolean {
    return this.#unanswered > 0
  }

  get urgent(): boolean {
    return this.#unanswered >= ANSWER_EVERY || (this.complete && this.unanswered)
  }

  /** True if this datagram is of the transfer, and whole. */
  isOf(memory: Buffer, start: number, end: number): boolean {
    return isOf(this.opening, memory, start, end)
  }

  isNew(memory: Buffer, start: number): boolean {
    return this.#transmissions.add(transmissionAt(memory, start))
  }

  take(memory: Buffer, datagram: number, end: number, into: Held): boolean {
    const { reception } = into
    const { counts } = reception
    const start = datagram + HEADER_BYTES
    const index = chunkAt(memory, datagram)
    // No sender that heeds the answers is so far ahead.
    if (index >= this.#next + this.#ahead) return false
    this.#creditBytes += end - datagram
    this.#unanswered++
    const transmission = transmissionAt(memory, datagram)
    const overtaken = transmission < this.#transmissions.end
    if (!this.#transmissions.add(transmission)) {
      counts.duplicated++
      return false
    }
    if (overtaken) counts.reordered++
    if (this.#arrived.has(index)) {
      counts.delivered++
      return false
    }
    if (!into.hold(end - start)) return false
    this.#arrived.add(index)
    const undamaged = reception.place(memory, start, end, index * this.opening.chunkBytes)
    if (index === this.#next) this.#append(memory, start, end, into)
    else if (reception.isHeld) this.#waiting.set(index, Buffer.from(memory.subarray(start, end)))
    return undamaged
  }

  answer(): Buffer {
    const answer = {
      id: this.opening.id,
      next: this.#next,
      highest: this.#transmissions.end - 1,
      windowChunks: this.#windowChunks,
    }
    const bytes = encodeAnswer(answer, this.#arrived, this.#creditBytes)
    this.#creditBytes = this.#unanswered = 0
    return bytes
  }

  refusal(): Buffer {
    return encodeRefusal(this.opening.id)
  }

  /** Appends the next chunk, and those that waited for it. */
  #append(memory: Buffer, start: number, end: number, { reception }: Held): void {
    reception.append(memory, start, end)
    this.#next++
    for (; this.#arrived.has(this.#next); this.#next++) {
      const waiting = this.#waiting.get(this.#next)
      if (!waiting) continue
      reception.append(waiting, 0, waiting.length)
      this.#waiting.delete(this.#next)
    }
  }
}

/** The answer to a datagram of a transfer that has ended, and was whole: everything has arrived. */
export function lastAnswer(opening: Opening, transmission: number): Buffer {
  const answer = { id: opening.id, next: datagramCount(opening), highest: transmission, windowChunks: 2 }
  return encodeAnswer(answer, { end: 0, has: () => false }, ANSWER_BYTES)
}

/** How many chunks of this size both ends have room for at a time. */
export function slotsFor(chunkBytes: number, least: number): number {
  return Math.max(least, Math.min(MOST_AHEAD, Math.floor(MOST_AHEAD_BYTES / (HEADER_BYTES + chunkBytes))))
}
