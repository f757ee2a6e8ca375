/** Sorts what arrives in one transfer into unique, duplicate, reordered and corrupt datagrams. Create a new one for each transfer. */
import { createHash } from 'node:crypto'
import type { HeldBytes } from '../contract/reports.ts'
import type { Expectation, Payload, PayloadWindow } from '../contract/transport.ts'
import type { HeldMemory } from './held-memory.ts'
import { IndexSet } from './index-set.ts'

/** Of more chunks than this, only the latest are known one by one. */
const MOST_CHUNKS = 2 ** 27
/** How many of the latest. A datagram so much later than others counts as a duplicate. */
const LATEST_CHUNKS = 2 ** 22

export interface ReceptionCounts {
  delivered: number
  duplicated: number
  reordered: number
  corrupt: number
}

/** The datagrams of one transfer, in order of arrival. */
export class Reception {
  readonly counts: ReceptionCounts = { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0 }
  /** Unique payload bytes; without an expectation, all payload bytes. */
  bytes = 0
  readonly #expected: Expectation | undefined
  readonly #seen: IndexSet
  readonly #memory: HeldMemory | undefined
  readonly #lengths: number[] | undefined
  /** Chunks had numbers of their own, so that neither their order nor what came twice matters. */
  #placed = false

  /** @param lengths record the length of each datagram, for `identify` */
  constructor(expected: Expectation | undefined, memory: HeldMemory | undefined, lengths: boolean) {
    if (lengths && memory) this.#lengths = []
    this.#expected = expected
    this.#memory = memory
    const chunks = expected ? datagramCount(expected) : 1
    this.#seen = new IndexSet(chunks > MOST_CHUNKS ? LATEST_CHUNKS : chunks)
  }

  /** Takes a payload datagram; returns true if it is new and undamaged. */
  take(memory: Buffer, start: number, end: number): boolean {
    if (this.#memory) {
      this.#memory.append(memory, start, end)
      this.#lengths?.push(end - start)
    }
    if (!this.#expected) {
      this.counts.delivered++
      this.bytes += end - start
      return true
    }
    const { nextExpected } = this
    const index = intactIndex(this.#expected, memory, start, end, nextExpected)
    if (index === undefined) {
      this.counts.corrupt++
      return false
    }
    if (!this.#seen.add(index)) {
      this.counts.duplicated++
      return false
    }
    if (index < nextExpected) this.counts.reordered++
    this.counts.delivered++
    this.bytes += end - start
    return true
  }

  /** Takes a chunk whose place its format says, which has not come before; true if it is undamaged. `append` holds it, in order. */
  place(memory: Buffer, start: number, end: number, offset: number): boolean {
    this.#placed = true
    if (this.#expected && !this.#expected.matches(memory, start, end, offset)) {
      this.counts.corrupt++
      return false
    }
    this.counts.delivered++
    this.bytes += end - start
    return true
  }

  /** True if what arrives is held. */
  get isHeld(): boolean {
    return this.#memory !== undefined
  }

  append(memory: Buffer, start: number, end: number): void {
    this.#memory?.append(memory, start, end)
  }

  /** True if a datagram that arrives after counting ended was missing; remembers it, so that it is new only once. */
  isNew(memory: Buffer, start: number, end: number): boolean {
    if (!this.#expected) return true
    const index = intactIndex(this.#expected, memory, start, end, this.nextExpected)
    return index !== undefined && this.#seen.add(index)
  }

  /**
   * Takes consecutive datagrams of `eachBytes` from `start` on, provided they are whole, undamaged chunks that have not arrived before.
   * Returns where they end, or `start` if any check fails and each must be taken individually.
   */
  takeRun(memory: Buffer, start: number, end: number, eachBytes: number): number {
    const expected = this.#expected
    if (!expected || eachBytes !== expected.chunkBytes) return start
    const count = Math.floor((end - start) / eachBytes)
    const runEnd = start + count * eachBytes
    const first = expected.indexOf(memory, start, start + eachBytes, this.nextExpected)
    if (first === undefined || first < this.nextExpected) return start
    if (!expected.matches(memory, start, runEnd, first * eachBytes)) return start
    for (let index = first; index < first + count; index++) this.#seen.add(index)
    if (this.#memory) {
      this.#memory.append(memory, start, runEnd)
      for (let taken = 0; taken < count; taken++) this.#lengths?.push(eachBytes)
    }
    this.counts.delivered += count
    this.bytes += runEnd - start
    return runEnd
  }

  /** True if every byte arrived once, in order and undamaged; undefined without an expectation. */
  get intact(): boolean | undefined {
    if (!this.#expected) return undefined
    const { duplicated, reordered, corrupt } = this.counts
    const damaged = this.#placed ? corrupt : duplicated + reordered + corrupt
    return this.bytes === this.#expected.sizeBytes && damaged === 0
  }

  /** RFC 4737 section 3: one more than the highest index that has arrived. */
  get nextExpected(): number {
    return this.#seen.end
  }

  /** What it costs beside the bytes that it holds. */
  get overheadBytes(): number {
    return this.#memory?.overheadBytes ?? 0
  }

  get held(): HeldBytes | undefined {
    return (
      this.#memory && {
        parts: this.#memory.parts(),
        ...(this.#lengths && !this.#placed ? { lengths: this.#lengths } : {}),
      }
    )
  }
}

/** Which chunk of the payload these bytes are; undefined if they are damaged, or not of it. @param next the next one in order */
export function intactIndex(
  expected: Expectation,
  memory: Buffer,
  start: number,
  end: number,
  next: number,
): number | undefined {
  const index = expected.indexOf(memory, start, end, next)
  const isIntact = index !== undefined && expected.matches(memory, start, end, index * expected.chunkBytes)
  return isIntact ? index : undefined
}

/** What `identify` finds. */
interface Identified extends ReceptionCounts {
  readonly bytes: number
  /** Indices of the datagrams that were delivered. */
  readonly arrived: ReadonlySet<number>
  /** Datagrams of the payload have the same bytes: which of them arrived, in which order and how often, nobody can tell. */
  readonly alike: boolean
}

/**
 * Recovers, after the clock has stopped, the counts for a payload without indices (a file): matches each held datagram by its digest, so
 * that duplicates, reordering and damage are counted without changing the wire format. `digests` are those of the datagrams as offered,
 * in order. Equal datagrams are matched in order; no more of them can have been delivered than the sender's system accepted, so the rest
 * are duplicates.
 */
export function identify(held: HeldBytes, digests: readonly string[], accepted: number): Identified {
  const waiting = new Map<string, number[]>()
  for (let index = digests.length - 1; index >= 0; index--) {
    const digest = digests[index] ?? ''
    const indices = waiting.get(digest)
    if (indices) indices.push(index)
    else waiting.set(digest, [index])
  }
  const result = { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0, bytes: 0 }
  const arrived = new Set<number>()
  let nextExpected = 0
  for (const datagram of heldDatagrams(held)) {
    const indices = waiting.get(digestOf(datagram))
    const index = result.delivered < accepted ? indices?.pop() : undefined
    if (indices === undefined) result.corrupt++
    else if (index === undefined) result.duplicated++
    else {
      if (index < nextExpected) result.reordered++
      else nextExpected = index + 1
      arrived.add(index)
      result.delivered++
      result.bytes += datagram.length
    }
  }
  return { ...result, arrived, alike: waiting.size < digests.length }
}

/** Digest of each datagram of the payload, in sending order: the first 12 hex digits of its SHA-256. */
export function datagramDigests(windows: Iterable<PayloadWindow>): string[] {
  const digests: string[] = []
  for (const { bytes, chunkBytes } of windows) {
    for (let start = 0; start < bytes.length; start += chunkBytes)
      digests.push(digestOf(bytes.subarray(start, start + chunkBytes)))
    if (bytes.length === 0) digests.push(digestOf(bytes))
  }
  return digests
}

/** How many chunks a payload has; the last may be short. 0 if the payload is empty. */
export function chunkCount({ sizeBytes, chunkBytes }: Pick<Payload, 'sizeBytes' | 'chunkBytes'>): number {
  return Math.ceil(sizeBytes / chunkBytes)
}

/** How many datagrams carry a payload: an empty one takes one, so that it begins and ends, too. */
export function datagramCount(payload: Pick<Payload, 'sizeBytes' | 'chunkBytes'>): number {
  return Math.max(1, chunkCount(payload))
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}

function* heldDatagrams(held: HeldBytes): Generator<Buffer> {
  const all = held.parts.length === 1 ? held.parts[0] : undefined
  const bytes = all ?? Buffer.concat(held.parts)
  let start = 0
  for (const length of held.lengths ?? []) {
    yield bytes.subarray(start, start + length)
    start += length
  }
}
