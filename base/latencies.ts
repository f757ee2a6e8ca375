/** A distribution of latencies as an HDR histogram: 3 digits from a nanosecond to an hour, which can be added up over trials and hosts. */
import { inflateSync } from 'node:zlib'
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
  JsHistogram,
} from 'hdr-histogram-js'

const NS_PER_MS = 1e6
const DIGITS = 3
const LONGEST_NS = 3.6e12
const LEAST_BEYOND = 10

export class Latencies {
  readonly #histogram: Histogram

  constructor(histogram: Histogram = empty()) {
    this.#histogram = histogram
  }

  /** @param encoded from `encoded()`, untrusted. @throws Error if it is not a histogram, or has another shape */
  static from(encoded: string): Latencies {
    checkShape(encoded)
    return new Latencies(decodeFromCompressedBase64(encoded, 64, false))
  }

  /** Whether a text is one of `encoded()`. */
  static isEncoded(text: string): boolean {
    try {
      Latencies.from(text)
      return true
    } catch {
      return false
    }
  }

  /** How many there are. */
  get count(): number {
    return this.#histogram.totalCount
  }

  /** In ms; the largest is exact to 3 digits, as all are. Of nothing, 0. */
  get maxMs(): number {
    return this.#histogram.maxValue / NS_PER_MS
  }

  get minMs(): number {
    return this.count === 0 ? 0 : this.#histogram.minNonZeroValue / NS_PER_MS
  }

  get meanMs(): number {
    return this.#histogram.mean / NS_PER_MS
  }

  /** @param ms 0 or more; over an hour counts as an hour */
  add(ms: number): void {
    this.#histogram.recordValue(Math.min(LONGEST_NS, Math.max(1, Math.round(ms * NS_PER_MS))))
  }

  /** Adds those of another one. */
  merge(other: Latencies): void {
    this.#histogram.add(other.#histogram)
  }

  /** Whether ten of them or more are beyond this share: fewer say nothing of it. */
  has(share: number): boolean {
    return this.count * (1 - share) >= LEAST_BEYOND * (1 - 1e-9)
  }

  /** The latency in ms that this share of all does not exceed. */
  quantile(share: number): number {
    return this.#histogram.getValueAtPercentile(100 * share) / NS_PER_MS
  }

  /** How many are within each of these bounds, to 3 digits; in ms, the lowest first. */
  countsWithin(boundsMs: readonly number[]): readonly number[] {
    const counts = boundsMs.map(() => 0)
    if (!(this.#histogram instanceof JsHistogram)) throw new Error('a histogram of WebAssembly')
    const { recordedValuesIterator: values } = this.#histogram
    values.reset()
    while (values.hasNext()) {
      const { valueIteratedTo: ns, countAtValueIteratedTo: count } = values.next()
      const first = boundsMs.findIndex(each => ns <= each * NS_PER_MS * (1 + 10 ** -DIGITS))
      if (first >= 0) counts[first] = (counts[first] ?? 0) + count
    }
    let sum = 0
    return counts.map(each => {
      sum += each
      return sum
    })
  }

  /** The standard form of HDR histograms (V2, compressed), in base64. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

function empty(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_NS,
    numberOfSignificantValueDigits: DIGITS,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
}

/** The header of the compressed form: a cookie, and the length of what follows. */
const COMPRESSED = { cookie: 0x1c849304, bytes: 8 }
/** The header inside: cookie, length of the counts, offset, digits, least and largest value, and an unused ratio. */
const INSIDE = { cookie: 0x1c849303, bytes: 40 }
/** 34 buckets of 1,024 counts, of at most 9 bytes each. */
const MOST_BYTES = INSIDE.bytes + 34 * 1024 * 9
/** The lowest byte of a cookie says how long a count is. */
const FAMILY = 0xffffff0f

/** The decoder trusts what it reads: a false length keeps it busy for ever. */
function checkShape(encoded: string): void {
  const bytes = Buffer.from(encoded, 'base64')
  const refuse = (): never => {
    throw new Error('not a histogram of latencies')
  }
  if (bytes.length <= COMPRESSED.bytes || !isCookie(bytes, COMPRESSED.cookie)) refuse()
  if (bytes.readInt32BE(4) !== bytes.length - COMPRESSED.bytes) refuse()
  const inside = inflateSync(bytes.subarray(COMPRESSED.bytes), { maxOutputLength: MOST_BYTES })
  if (inside.length < INSIDE.bytes || !isCookie(inside, INSIDE.cookie)) refuse()
  const [counts, offset, digits] = [4, 8, 12].map(at => inside.readInt32BE(at))
  const [least, most] = [16, 24].map(at => Number(inside.readBigInt64BE(at)))
  if (counts !== inside.length - INSIDE.bytes || (offset !== 0 && offset !== 1) || digits !== DIGITS) refuse()
  if (least !== 1 || most !== LONGEST_NS) refuse()
}

function isCookie(bytes: Buffer, cookie: number): boolean {
  return (bytes.readUInt32BE(0) & FAMILY) >>> 0 === (cookie & FAMILY) >>> 0
}
