/** One direction of an emulated way: decides, packet by packet, what becomes of it and when it arrives. */
import { seededRandom } from '../../base/random.ts'
import { type Chance, type Link, type LinkCounts, noCounts, queueOf } from './spec.ts'
import { Opportunities, readTrace } from './trace.ts'

/** IP's header of a fragment, and UDP's of a datagram. */
const IP_BYTES = { 4: 20, 6: 40 } as const
const UDP_BYTES = 8
/** A fragment carries a multiple of it; over IPv6 it has a header of its own. */
const FRAGMENT_UNIT = 8
const FRAGMENT_HEADER_BYTES = 8

/** A copy of a packet that arrives. */
export interface Arrival {
  /** On the clock of `offer`, in ms. */
  readonly at: number
  /** Which bit of it is wrong. */
  readonly flipBit?: number
}

export class Emulation {
  readonly counts: LinkCounts = noCounts()
  readonly #link: Link
  readonly #family: 4 | 6
  readonly #random: () => number
  readonly #loss: () => boolean
  readonly #duplicate: () => boolean
  readonly #corrupt: () => boolean
  readonly #reorder: () => boolean
  readonly #jitter: () => number
  readonly #opportunities: Opportunities | undefined
  /** When the last packet that waited has left for the wire. */
  #freeAt = 0
  /** What has not left yet. */
  readonly #waiting: { readonly leavesAt: number; readonly bytes: number }[] = []
  #waitingBytes = 0

  constructor(link: Link, family: 4 | 6, seed: number) {
    this.#link = link
    this.#opportunities = link.trace === undefined ? undefined : new Opportunities(readTrace(link.trace))
    this.#family = family
    // A stream of numbers for each kind of decision: a setting more does not change the others.
    const stream = (index: number) => seededRandom(seed + 0x1000193 * (index + 1))
    this.#random = stream(0)
    this.#loss = lossOf(link.loss, stream(1))
    this.#duplicate = chanceOf(link.duplicate, stream(2))
    this.#corrupt = chanceOf(link.corrupt, stream(3))
    this.#reorder = chanceOf(link.reorder, stream(4))
    this.#jitter = jitterOf(link.delay, stream(5))
  }

  /** The copies of a datagram of `bytes` of payload that arrive: none if it is lost. */
  offer(bytes: number, now: number): readonly Arrival[] {
    return this.#offer(bytes, this.#packets(bytes), now, this.counts)
  }

  /** Likewise of an IP packet as a whole, whose system has cut it to what fits. @param counts of its flow */
  offerPacket(bytes: number, now: number, counts: LinkCounts): readonly Arrival[] {
    return this.#offer(bytes, { fragments: 1, wireBytes: bytes }, now, counts)
  }

  #offer(
    bytes: number,
    { fragments, wireBytes }: { readonly fragments: number; readonly wireBytes: number },
    now: number,
    counts: LinkCounts,
  ): readonly Arrival[] {
    counts.taken++
    const copies = this.#duplicate() ? 2 : 1
    if (copies === 2) counts.duplicated++
    let lost = false
    // Each fragment is a packet, and the datagram needs all of them.
    for (let fragment = 0; fragment < fragments; fragment++) if (this.#loss()) lost = true
    if (lost) counts.lost++
    const arrivals: Arrival[] = []
    for (let copy = lost ? 1 : 0; copy < copies; copy++) {
      const leavesAt = this.transmit(wireBytes, now)
      if (leavesAt === undefined) {
        counts.dropped++
        continue
      }
      const isAhead = this.#link.delay !== undefined && this.#reorder()
      if (isAhead) counts.reordered++
      const at = isAhead ? leavesAt : leavesAt + Math.max(0, this.delayMs())
      const isDamaged = bytes > 0 && this.#corrupt()
      if (isDamaged) counts.corrupted++
      arrivals.push(isDamaged ? { at, flipBit: Math.floor(this.#random() * 8 * bytes) } : { at })
    }
    return arrivals
  }

  /** When it has left for the wire; undefined if the queue is full. */
  transmit(wireBytes: number, now: number): number | undefined {
    const { rateBps, trace } = this.#link
    if (rateBps === undefined && trace === undefined) return now
    while ((this.#waiting[0]?.leavesAt ?? Number.POSITIVE_INFINITY) <= now) {
      this.#waitingBytes -= this.#waiting.shift()?.bytes ?? 0
    }
    if (this.#waitingBytes + wireBytes > queueOf(this.#link)) return undefined
    const idle = this.#waiting.length === 0
    this.#freeAt = this.#opportunities
      ? this.#opportunities.leave(wireBytes, now, idle)
      : Math.max(now, this.#freeAt) + (wireBytes * 8000) / (rateBps ?? 1)
    this.#waiting.push({ leavesAt: this.#freeAt, bytes: wireBytes })
    this.#waitingBytes += wireBytes
    return this.#freeAt
  }

  /** Of the next packet. */
  delayMs(): number {
    return (this.#link.delay?.ms ?? 0) + this.#jitter()
  }

  #packets(bytes: number) {
    const { mtuBytes = Number.POSITIVE_INFINITY } = this.#link
    const header = IP_BYTES[this.#family]
    const whole = header + UDP_BYTES + bytes
    if (whole <= mtuBytes) return { fragments: 1, wireBytes: whole }
    const extra = header + (this.#family === 6 ? FRAGMENT_HEADER_BYTES : 0)
    const each = Math.floor((mtuBytes - extra) / FRAGMENT_UNIT) * FRAGMENT_UNIT
    const fragments = Math.ceil((UDP_BYTES + bytes) / each)
    return { fragments, wireBytes: UDP_BYTES + bytes + fragments * extra }
  }
}

/**
 * Uniform numbers, each of which is the one before with so much chance. netem averages both instead, which draws all numbers to the middle: of a
 * small share next to nothing is left.
 */
function correlated(random: () => number, correlation = 0): () => number {
  let last = random()
  return () => {
    if (correlation === 0 || random() >= correlation) last = random()
    return last
  }
}

function chanceOf(chance: Chance | undefined, random: () => number): () => boolean {
  if (!chance || chance.share === 0) return () => false
  const next = correlated(random, chance.correlation)
  return () => next() < chance.share
}

function lossOf(loss: Link['loss'], random: () => number): () => boolean {
  if (!loss || 'share' in loss) return chanceOf(loss, random)
  let isBad = false
  return () => {
    const inBad = isBad
    isBad = random() < (inBad ? 1 - loss.toGood : loss.toBad)
    return random() < (inBad ? loss.inBad : loss.inGood)
  }
}

/** By how much the delay of a packet differs from that of the others, in ms. */
function jitterOf(delay: Link['delay'], random: () => number): () => number {
  const { jitterMs = 0, distribution = 'uniform', correlation } = delay ?? {}
  if (jitterMs === 0) return () => 0
  const next = correlated(random, correlation)
  const deviate = DEVIATES[distribution]
  return () => jitterMs * deviate(next, random)
}

/** Of mean 0; of deviation 1, or within 1. */
const DEVIATES = {
  uniform: (next: () => number) => 2 * next() - 1,
  normal,
  pareto,
  // As its table in iproute2 mixes them.
  paretonormal: (next: () => number, random: () => number) =>
    0.25 * normal(next, random) + 0.75 * pareto(next),
}

/** Box and Muller. */
function normal(next: () => number, random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * random())
}

/** Of shape 3: mean 3/2 and variance 3/4 before it is shifted and scaled. */
function pareto(next: () => number): number {
  return ((1 - next()) ** (-1 / 3) - 1.5) * Math.sqrt(4 / 3)
}
