/**
 * What a reliable sender knows of its chunks: which may leave, which are under way, lost or acknowledged. Pure: no socket, and times (in ms)
 * are passed in.
 *
 * Every transmission has a number of its own, so an answer says which one it is about: round trips are never ambiguous, and a chunk is lost
 * once a datagram sent REORDERED or more after its last transmission has arrived (RFC 9002, section 6.1.1).
 */
import type { CongestionControl } from './congestion.ts'
import { Timer } from './timer.ts'
import type { Answer } from './wire.ts'

const REORDERED = 3
/** The receiver’s window before its first answer. */
const FIRST_WINDOW = 10

/** Of a slot. */
const UNDER_WAY = 1
const ACKNOWLEDGED = 2
const LOST = 3
/** Refused by the system for good. */
const ABANDONED = 4

/** Consecutive chunks that leave together; their slots are consecutive, too. The first one’s transmission has this number. */
export interface Run {
  readonly first: number
  readonly count: number
  readonly transmission: number
  readonly again: boolean
}

export class SendWindow {
  /** Chunks before this one are done with. */
  base = 0
  /** Chunks from this one on have never left. */
  unsent = 0
  abandoned = 0
  acknowledgedChunks = 0
  /** When an answer last said something new, or the first datagram left that is not acknowledged, if that was later. */
  progressAt: number
  readonly #chunks: number
  readonly #slots: number
  readonly #control: CongestionControl
  readonly #timer: Timer
  readonly #states: Uint8Array
  /** The last transmission of the chunk in a slot. */
  readonly #transmissions: Float64Array
  /** By transmission, modulo their length: its chunk, and when it left. */
  readonly #chunkOf: Float64Array
  readonly #leftAt: Float64Array
  #nextTransmission = 0
  /** No transmission before this one is under way. */
  #oldest = 0
  #highest = -1
  /** Losses of transmissions before this one are of a round trip that has been reacted to. */
  #reactedTo = 0
  #underWay = 0
  #limit = FIRST_WINDOW
  /** Lost chunks, which may have been acknowledged since. */
  #lost: number[] = []
  /** The chunk that the last probe of the tail sent again, and its transmission before that. */
  #probe: { readonly index: number; readonly before: number } | undefined

  /**
   * @param slots how many chunks from the first that is not acknowledged on may leave
   * @param probes send the last chunk again after two round trips without an answer, not only after the time-out
   */
  constructor(chunks: number, slots: number, control: CongestionControl, probes: boolean, now: number) {
    this.#chunks = chunks
    this.#slots = slots
    this.#control = control
    this.#timer = new Timer(probes, now)
    this.#states = new Uint8Array(slots)
    this.#transmissions = new Float64Array(slots)
    this.#chunkOf = new Float64Array(4 * slots)
    this.#leftAt = new Float64Array(4 * slots)
    this.progressAt = now
  }

  /** Every chunk is acknowledged or abandoned; or nothing more can happen, since one is abandoned. */
  get over(): boolean {
    if (this.base === this.#chunks) return true
    return this.abandoned > 0 && this.#underWay === 0 && this.available(1) === 0
  }

  get whole(): boolean {
    return this.acknowledgedChunks === this.#chunks
  }

  get transmissions(): number {
    return this.#nextTransmission
  }

  /** How many of them were of chunks that had left before. */
  get resent(): number {
    return this.#nextTransmission - this.unsent
  }

  /** When `expire` is due. */
  get deadline(): number {
    return this.#underWay === 0 ? Number.POSITIVE_INFINITY : this.#timer.deadline
  }

  /** How many of the next chunks may leave now, up to `most`. */
  available(most: number): number {
    this.#skipFound()
    const [first] = this.#lost
    // A probe leaves even if the window is full.
    const least = first !== undefined && first === this.#probe?.index ? 1 : 0
    const room = Math.min(most, Math.max(least, Math.floor(this.#control.window) - this.#underWay))
    if (room <= 0) return 0
    if (first !== undefined) return Math.min(room, this.#runOfLost(room))
    const slot = this.unsent % this.#slots
    const limit = Math.min(this.#chunks, this.base + this.#slots, this.#limit)
    return Math.max(0, Math.min(room, limit - this.unsent, this.#slots - slot))
  }

  /** The next chunks to send: lost ones first. Undefined if none may leave. */
  take(most: number, now: number): Run | undefined {
    const count = this.available(most)
    if (count === 0) return undefined
    const [lost] = this.#lost
    const first = lost ?? this.unsent
    const again = lost !== undefined
    if (again) this.#lost.splice(0, count)
    else {
      if (this.base === this.unsent) this.progressAt = now
      this.unsent += count
    }
    this.#timer.sent(now, this.#underWay === 0)
    const transmission = this.#nextTransmission
    for (let index = first; index < first + count; index++) this.#send(index, now)
    return { first, count, transmission, again }
  }

  /** The system took none of these: they are to be offered again. */
  refused({ first, count }: Run): void {
    const chunks = Array.from({ length: count }, (_, offset) => first + offset)
    this.#lost.unshift(...chunks.filter(index => this.#stop(index, LOST)))
  }

  /** The system will never take this chunk. */
  abandon(index: number): void {
    if (!this.#stop(index, ABANDONED)) return
    this.abandoned++
    this.#advance()
  }

  /** Takes an answer. False if it claims what cannot be. @param chunks beyond `next` that have arrived */
  acknowledge({ next, highest, windowChunks }: Answer, chunks: Iterable<number>, at: number): boolean {
    if (next > this.unsent || highest >= this.#nextTransmission) return false
    const flight = this.#underWay
    if (highest > this.#highest) {
      this.#highest = highest
      if (this.#nextTransmission - highest <= this.#leftAt.length)
        this.#timer.sample(Math.max(0, at - (this.#leftAt[highest % this.#leftAt.length] ?? at)))
    }
    let count = 0
    for (let index = this.base; index < next; index++) count += this.#found(index)
    for (const index of chunks) {
      if (index >= this.unsent) break
      if (index >= this.base) count += this.#found(index)
    }
    this.#limit = Math.max(this.#limit, next + windowChunks)
    this.#advance()
    if (count > 0) {
      this.acknowledgedChunks += count
      this.progressAt = at
      this.#timer.heard(at)
      // In recovery, the window does not grow (RFC 6582).
      if (this.#highest >= this.#reactedTo) this.#control.acknowledged(count, flight)
    }
    this.#findLost(flight)
    return true
  }

  /** A deadline has passed: probes the tail or, after the time-out, takes everything under way for lost. */
  expire(now: number): void {
    if (now < this.deadline) return
    if (this.#timer.expire(now) === 'probe') {
      this.#probeTail()
      return
    }
    this.#control.timedOut(this.#underWay)
    this.#lost = []
    for (let index = this.base; index < this.unsent; index++) {
      this.#stop(index, LOST)
      if (this.#states[index % this.#slots] === LOST) this.#lost.push(index)
    }
    this.#oldest = this.#reactedTo = this.#nextTransmission
    this.#probe = undefined
  }

  #send(index: number, now: number): void {
    const transmission = this.#nextTransmission++
    const at = transmission % this.#leftAt.length
    // Only with a receiver that never says which transmissions arrive.
    if (transmission - this.#oldest >= this.#leftAt.length) this.#lose(this.#oldest++, this.#underWay)
    this.#leftAt[at] = now
    this.#chunkOf[at] = index
    const slot = index % this.#slots
    this.#transmissions[slot] = transmission
    this.#states[slot] = UNDER_WAY
    this.#underWay++
  }

  /** A chunk is under way no longer; false if it was not. */
  #stop(index: number, state: typeof LOST | typeof ABANDONED): boolean {
    const slot = index % this.#slots
    if (index < this.base || this.#states[slot] !== UNDER_WAY) return false
    this.#states[slot] = state
    this.#underWay--
    return true
  }

  /** Returns 1 if this chunk was not acknowledged before. */
  #found(index: number): number {
    const slot = index % this.#slots
    const state = this.#states[slot]
    if (state === ACKNOWLEDGED) return 0
    if (state === UNDER_WAY) this.#underWay--
    if (state === ABANDONED) this.abandoned--
    this.#states[slot] = ACKNOWLEDGED
    if (this.#probe?.index === index) {
      // Repaired by the probe: a loss as any other.
      if (this.#highest > this.#probe.before && this.#probe.before >= this.#reactedTo)
        this.#react(this.#underWay)
      this.#probe = undefined
    }
    return 1
  }

  #advance(): void {
    while (this.base < this.unsent) {
      const state = this.#states[this.base % this.#slots]
      if (state !== ACKNOWLEDGED && state !== ABANDONED) return
      this.base++
    }
  }

  #findLost(flight: number): void {
    while (this.#oldest < this.#nextTransmission) {
      if (this.#oldest + REORDERED > this.#highest && this.#isUnderWay(this.#oldest)) return
      this.#lose(this.#oldest++, flight)
    }
  }

  #isUnderWay(transmission: number): boolean {
    const index = this.#chunkOf[transmission % this.#chunkOf.length] ?? 0
    const slot = index % this.#slots
    return this.#states[slot] === UNDER_WAY && this.#transmissions[slot] === transmission
  }

  /** Takes a transmission for lost, if nothing else became of it. */
  #lose(transmission: number, flight: number): void {
    if (!this.#isUnderWay(transmission)) return
    const index = this.#chunkOf[transmission % this.#chunkOf.length] ?? 0
    this.#stop(index, LOST)
    this.#lost.push(index)
    if (transmission >= this.#reactedTo) this.#react(flight)
  }

  #react(flight: number): void {
    this.#control.lost(flight)
    this.#reactedTo = this.#nextTransmission
  }

  /** Has the last chunk under way sent again: its answer shows which of those before it are lost. */
  #probeTail(): void {
    for (let index = this.unsent - 1; index >= this.base; index--) {
      if (!this.#stop(index, LOST)) continue
      this.#lost.unshift(index)
      this.#probe = { index, before: this.#transmissions[index % this.#slots] ?? 0 }
      return
    }
  }

  #skipFound(): void {
    let found = 0
    for (; found < this.#lost.length; found++) {
      const index = this.#lost[found] ?? 0
      if (index >= this.base && this.#states[index % this.#slots] === LOST) break
    }
    if (found > 0) this.#lost.splice(0, found)
  }

  /** How many lost chunks, from the first on, follow one another in the payload and in their slots. */
  #runOfLost(most: number): number {
    const first = this.#lost[0] ?? 0
    const end = Math.min(most, this.#slots - (first % this.#slots), this.#lost.length)
    let count = 1
    while (
      count < end &&
      this.#lost[count] === first + count &&
      this.#states[(first + count) % this.#slots] === LOST
    )
      count++
    return count
  }
}
