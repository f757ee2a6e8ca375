/** A distribution of latencies as an HDR histogram: 3 digits from a nanosecond to an hour, which can be added up over trials and hosts. */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

const NS_PER_MS = 1e6
const LONGEST_NS = 3.6e12
const LEAST_BEYOND = 10

export class Latencies {
  readonly #histogram: Histogram

  constructor(histogram: Histogram = empty()) {
    this.#histogram = histogram
  }

  /** @param encoded of `encoded()`. @throws if it is none */
  static from(encoded: string): Latencies {
    return new Latencies(decodeFromCompressedBase64(encoded, 64, false))
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

  /** The standard form of HDR histograms (V2, compressed), in base64. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

function empty(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_NS,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
}
