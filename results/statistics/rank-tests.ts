/** Tests that ask for the order of samples only, so that one outlier is one sample. */
import { binomialCdf, normalUpperTail } from './special.ts'

export interface MannWhitney {
  /** Pairs (x, y) with x > y, ties counted half. */
  readonly u: number
  /** Two-sided. */
  readonly p: number
}

/**
 * Do samples of `x` tend to be larger or smaller than those of `y`? Mann & Whitney, Annals of Mathematical Statistics 18 (1947).
 * Exact without ties and up to `EXACT_PAIRS` pairs; else by the normal distribution, corrected for ties and continuity (as SciPy's
 * `mannwhitneyu`). Undefined when a side has no sample. Samples may be infinite, not NaN.
 */
export function mannWhitney(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  method: 'auto' | 'exact' | 'asymptotic' = 'auto',
): MannWhitney | undefined {
  if (x.length === 0 || y.length === 0) return undefined
  const { u, tieTerm } = countPairs(Float64Array.from(x).sort(), Float64Array.from(y).sort())
  const pairs = x.length * y.length
  const exact = method === 'auto' ? tieTerm === 0 && pairs <= EXACT_PAIRS : method === 'exact'
  const least = Math.min(u, pairs - u)
  const p = exact
    ? 2 * uCdf(Math.floor(least), x.length, y.length)
    : normalP(pairs / 2 - least, x.length, y.length, tieTerm)
  return { u, p: Math.min(1, p) }
}

/**
 * Two-sided sign test: of `positive + negative` differences that are not 0, so many are above and below it. Exact binomial; J.
 * Arbuthnott 1710, Dixon & Mood, JASA 41 (1946). 1 when there is no difference at all.
 */
export function signTest(positive: number, negative: number): number {
  const n = positive + negative
  return Math.min(1, 2 * binomialCdf(Math.min(positive, negative), n, 0.5))
}

const EXACT_PAIRS = 1000

/** Merges both sorted sides: one pass, whatever the ties. `tieTerm` is the sum of t^3 - t over groups of t equal samples. */
function countPairs(x: Float64Array, y: Float64Array): { u: number; tieTerm: number } {
  let u = 0
  let tieTerm = 0
  let i = 0
  let j = 0
  while (i < x.length || j < y.length) {
    const value = Math.min(x[i] ?? Number.POSITIVE_INFINITY, y[j] ?? Number.POSITIVE_INFINITY)
    const [fromX, fromY] = [i, j]
    while (i < x.length && x[i] === value) i++
    while (j < y.length && y[j] === value) j++
    const [ofX, ofY] = [i - fromX, j - fromY]
    if (ofX + ofY === 0) throw new RangeError('a sample is not a number')
    u += ofX * (fromY + ofY / 2)
    tieTerm += (ofX + ofY) ** 3 - (ofX + ofY)
  }
  return { u, tieTerm }
}

/**
 * P(U <= u) when all orders are as likely. The number of orders with each U are the coefficients of the Gaussian binomial
 * prod (1 - q^(m+i)) / (1 - q^i), i = 1..n; only those up to `u` are made.
 */
function uCdf(u: number, n: number, m: number): number {
  const orders = new Float64Array(u + 1)
  orders[0] = 1
  for (let i = 1; i <= n; i++) {
    for (let k = u; k >= m + i; k--) orders[k] = (orders[k] ?? 0) - (orders[k - m - i] ?? 0)
    for (let k = i; k <= u; k++) orders[k] = (orders[k] ?? 0) + (orders[k - i] ?? 0)
  }
  let all = 1
  for (let i = 1; i <= n; i++) all *= (m + i) / i
  return orders.reduce((sum, each) => sum + each, 0) / all
}

function normalP(distance: number, n: number, m: number, tieTerm: number): number {
  const total = n + m
  const variance = ((n * m) / 12) * (total + 1 - tieTerm / (total * (total - 1)))
  if (variance <= 0) return 1
  return 2 * normalUpperTail((distance - 0.5) / Math.sqrt(variance))
}
