/** Where the level of a series changes, in the order in which it was measured. Pure and seeded. */
import { seededRandom } from '../../base/random.ts'

export interface ChangePoint {
  /** Index of the first sample of the new level. */
  readonly at: number
  /** Of the permutation test that accepted it. */
  readonly p: number
}

export interface ChangePointOptions {
  /** The same seed and samples give the same change points. */
  readonly seed?: number
  /** Orders that the test tries: p is a multiple of 1 / (permutations + 1). By default 9,999 up to 50 samples, 999 over it. */
  readonly permutations?: number
}

/** A change point is accepted if its p is not larger. */
const ALPHA = 0.01
/** Fewest samples on either side of a change: two odd runs in a row are not a new level. */
const MIN_SEGMENT = 3
/** Of a short series p is close to ALPHA, and its counting error would decide; of a long one each order costs more. */
const SHORT = 50
/**
 * Fewest samples with which a change can be significant at 0.01. Of 5 + 5 samples there are 252 partitions, and the clearest step
 * shares its statistic with its mirror image: p = 2 / 252 = 0.008. Of 4 + 4 it is 0.03 at best, of 3 + 7 it is 0.017.
 */
export const MIN_SAMPLES = 10

/**
 * E-divisive with means (`alpha` = 1 in the paper's words): Matteson & James, "A Nonparametric Approach for Multiple Change Point
 * Analysis of Multivariate Data", JASA 109 (2014), doi 10.1080/01621459.2013.849605, as MongoDB uses it on benchmarks (Daly et
 * al., ICPE 2020). The best division of all segments is the one of the largest scaled energy distance Q; it is accepted while
 * samples that are shuffled within their segments seldom have a larger one. It assumes independent samples: a machine that drifts
 * has changes too. O(n² x permutations x changes). Give logarithms where ratios matter.
 */
export function changePoints(
  samples: ArrayLike<number>,
  options: ChangePointOptions = {},
): readonly ChangePoint[] {
  const { seed = 1, permutations = samples.length > SHORT ? 999 : 9999 } = options
  const series = Float64Array.from(samples)
  const divider = new Divider(series.length)
  const random = seededRandom(seed)
  const shuffled = new Float64Array(series.length)
  const found: ChangePoint[] = []
  let segments: readonly Segment[] = [{ from: 0, to: series.length }]
  for (;;) {
    const best = largest(segments.map(segment => divider.divide(series, segment)))
    if (!best || best.q <= 0) break
    const p = significance(best.q)
    if (p > ALPHA) break
    found.push({ at: best.at, p })
    segments = segments.flatMap(({ from, to }) =>
      from < best.at && best.at < to
        ? [
            { from, to: best.at },
            { from: best.at, to },
          ]
        : [{ from, to }],
    )
  }
  return found.sort((a, b) => a.at - b.at)

  /** Share of orders, the one that was found among them, whose best division is as good; over ALPHA it is only a lower bound. */
  function significance(q: number): number {
    // Sums of the same terms in another order differ in their last digits, and mirror images are equal.
    const asGood = q * (1 - 1e-9)
    const most = ALPHA * (permutations + 1)
    let count = 1
    for (let i = 0; i < permutations && count <= most; i++) {
      shuffled.set(series)
      for (const segment of segments) shuffle(shuffled, segment, random)
      if (segments.some(segment => (divider.divide(shuffled, segment)?.q ?? -1) >= asGood)) count++
    }
    return count / (permutations + 1)
  }
}

interface Segment {
  readonly from: number
  /** Index behind the last sample. */
  readonly to: number
}

interface Division {
  readonly at: number
  readonly q: number
}

/** Finds the best division of a segment; it holds the sums that this takes. */
class Divider {
  /** For each end of the right part: distances within it, and between both parts. */
  readonly #within: Float64Array
  readonly #between: Float64Array

  constructor(longest: number) {
    this.#within = new Float64Array(longest + 1)
    this.#between = new Float64Array(longest + 1)
  }

  /**
   * The split into a left part and a right part of the largest Q = nm / (n + m) x (2 mean between − mean within left − mean within
   * right). The right part ends anywhere (κ in the paper), so that a level that comes back hides nothing. O(n²): when a sample
   * moves from the right part to the left, the sums change by its own distances only.
   */
  divide(series: Float64Array, { from, to }: Segment): Division | undefined {
    const [within, between, count] = [this.#within, this.#between, to - from]
    if (count < 2 * MIN_SEGMENT) return undefined
    const value = (index: number) => series[from + index] ?? 0
    within.fill(0, 0, count + 1)
    between.fill(0, 0, count + 1)
    // With an empty left part everything is within the right one.
    for (let end = 1; end <= count; end++) {
      let own = 0
      for (let other = 0; other < end - 1; other++) own += Math.abs(value(end - 1) - value(other))
      within[end] = (within[end - 1] ?? 0) + own
    }
    let withinLeft = 0
    let best: Division | undefined
    for (let n = 1; n <= count - MIN_SEGMENT; n++) {
      const moved = value(n - 1)
      let toLeft = 0
      for (let other = 0; other < n - 1; other++) toLeft += Math.abs(moved - value(other))
      withinLeft += toLeft
      let toRight = 0
      for (let end = n + 1; end <= count; end++) {
        toRight += Math.abs(moved - value(end - 1))
        const inRight = (within[end] ?? 0) - toRight
        const across = (between[end] ?? 0) + toRight - toLeft
        within[end] = inRight
        between[end] = across
        const m = end - n
        if (n < MIN_SEGMENT || m < MIN_SEGMENT) continue
        const q = (2 / end) * (across - (withinLeft * m) / (n - 1) - (inRight * n) / (m - 1))
        if (best === undefined || q > best.q) best = { at: from + n, q }
      }
    }
    return best
  }
}

function largest(divisions: readonly (Division | undefined)[]): Division | undefined {
  let best: Division | undefined
  for (const each of divisions) if (each && (!best || each.q > best.q)) best = each
  return best
}

/** Fisher and Yates, as in Knuth, The Art of Computer Programming, volume 2, algorithm P. */
function shuffle(series: Float64Array, { from, to }: Segment, random: () => number): void {
  for (let last = to - 1; last > from; last--) {
    const other = from + Math.floor(random() * (last - from + 1))
    const kept = series[last] ?? 0
    series[last] = series[other] ?? 0
    series[other] = kept
  }
}
