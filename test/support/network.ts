/** A simulated network: what it does to datagrams is scripted, and it keeps the truth of what it did. Pure. */
import fc from 'fast-check'

/** What becomes of one datagram. */
export interface Fate {
  /** Copies that arrive; 0 loses it. */
  readonly copies: number
  /** How many later datagrams overtake it. */
  readonly delay: number
  /** The first copy has this bit flipped, counted modulo its length. */
  readonly damagedBit?: number | undefined
}

/** One datagram as it arrives. */
export interface Arrived {
  readonly index: number
  readonly bytes: Buffer
  readonly damaged: boolean
}

/** What a receiver has to count, whatever it can see. */
export interface Truth {
  readonly delivered: number
  readonly duplicated: number
  readonly reordered: number
  readonly corrupt: number
  readonly bytes: number
  /** Everything once, in order and undamaged. */
  readonly intact: boolean
}

export const INTACT: Fate = { copies: 1, delay: 0 }

/** Fates of `count` datagrams: from a perfect network to a hopeless one. */
export function fates(count: number, damage: 'any bit' | 'none' = 'any bit'): fc.Arbitrary<Fate[]> {
  const damagedBit =
    damage === 'none' ? fc.constant(undefined) : fc.option(fc.nat({ max: 1e6 }), { nil: undefined, freq: 4 })
  const any = fc.record({
    copies: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.nat({ max: 3 })),
    delay: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 12 })),
    damagedBit,
  })
  const mostlyIntact = fc.oneof({ weight: 30, arbitrary: fc.constant(INTACT) }, any)
  const fate = fc.oneof(any, mostlyIntact, fc.constant(INTACT))
  return fc.array(fate, { minLength: count, maxLength: count, size: 'max' })
}

/** A network under way: takes datagrams in the order of sending and gives what arrives, each time. */
export class Network {
  readonly arrived: Arrived[] = []
  readonly #fates: readonly Fate[]
  #late: { readonly due: number; readonly arrival: Arrived }[] = []

  constructor(fates: readonly Fate[]) {
    this.#fates = fates
  }

  /** Sends datagram `index`; what arrives now, in this order. */
  carry(index: number, bytes: Buffer): readonly Arrived[] {
    const { copies, delay, damagedBit } = this.#fates[index] ?? INTACT
    for (let copy = 0; copy < copies; copy++) {
      const damaged = copy === 0 && damagedBit !== undefined && bytes.length > 0
      const arrival = { index, bytes: damaged ? withFlipped(bytes, damagedBit) : Buffer.from(bytes), damaged }
      this.#late.push({ due: index + delay, arrival })
    }
    return this.#arrive(index)
  }

  /** Lets in whatever is still on its way. */
  flush(): readonly Arrived[] {
    return this.#arrive(Number.POSITIVE_INFINITY)
  }

  #arrive(now: number): readonly Arrived[] {
    const due = this.#late.filter(each => each.due <= now).map(each => each.arrival)
    this.#late = this.#late.filter(each => each.due > now)
    this.arrived.push(...due)
    return due
  }
}

/** Counts by index, which only the network knows. */
export function truthOf(arrived: readonly Arrived[], sizeBytes: number): Truth {
  const seen = new Set<number>()
  let highest = -1
  let reordered = 0
  let bytes = 0
  for (const { index, damaged, bytes: datagram } of arrived) {
    if (damaged || seen.has(index)) continue
    seen.add(index)
    bytes += datagram.length
    if (index < highest) reordered++
    highest = Math.max(highest, index)
  }
  const corrupt = arrived.filter(each => each.damaged).length
  const duplicated = arrived.length - corrupt - seen.size
  const intact = bytes === sizeBytes && duplicated + reordered + corrupt === 0
  return { delivered: seen.size, duplicated, reordered, corrupt, bytes, intact }
}

function withFlipped(bytes: Buffer, bit: number): Buffer {
  const damaged = Buffer.from(bytes)
  const at = Math.floor(bit / 8) % bytes.length
  damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit % 8))
  return damaged
}
