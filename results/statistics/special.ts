/** Distribution functions that the tests stand on. Checked against SciPy to 1e-10 (test/oracle). */

/** Natural logarithm of the gamma function, x > 0: Lanczos' approximation with g = 7 and nine terms (Godfrey 2001). */
export function logGamma(x: number): number {
  const base = x + LANCZOS_G - 0.5
  let sum = LANCZOS_FIRST
  for (const [index, coefficient] of LANCZOS.entries()) sum += coefficient / (x + index)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

/**
 * Regularized incomplete beta function I_x(a, b): NIST Digital Library of Mathematical Functions, 8.17.22, by Lentz' method.
 * It is the distribution function of the beta distribution, and gives those of the binomial and of Student's t.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x > 0)) return 0
  if (x >= 1) return 1
  // The fraction converges quickly below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaFraction(1 - x, b, a)
  return betaFraction(x, a, b)
}

/** P(X <= k) of n throws with probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  if (k >= n) return 1
  return incompleteBeta(1 - p, n - k, k + 1)
}

/** P(T > t) of Student's t. */
export function studentUpperTail(t: number, degrees: number): number {
  if (t < 0) return 1 - studentUpperTail(-t, degrees)
  return 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
}

/** The t below which a share `p` of Student's distribution lies. */
export function studentQuantile(p: number, degrees: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, degrees)
  let high = 1
  while (studentUpperTail(high, degrees) > 1 - p && high < 1e15) high *= 2
  return bisect(t => studentUpperTail(t, degrees) <= 1 - p, 0, high)
}

/** P(Z > z) of the standard normal distribution: 1/2 erfc(z / sqrt 2). */
export function normalUpperTail(z: number): number {
  if (z < 0) return 1 - normalUpperTail(-z)
  if (z > 38) return 0
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
  return z < 3 ? 0.5 - density * normalSeries(z) : density * normalFraction(z)
}

/** The z beyond which a share `p` of the standard normal distribution lies, at one end; 0 for half of it or more. */
export function normalBeyond(p: number): number {
  return bisect(z => normalUpperTail(z) <= p, 0, 38)
}

const LANCZOS_G = 7
const LANCZOS_FIRST = 0.999_999_999_999_809_93
const LANCZOS: readonly number[] = [
  676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_13, -176.615_029_162_140_6,
  12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6, 1.505_632_735_149_311_6e-7,
]

function betaFraction(x: number, a: number, b: number): number {
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  const tiny = 1e-300
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return (front * fraction) / a

  function away(value: number): number {
    return Math.abs(value) < tiny ? tiny : value
  }
}

/** Integral of the density from 0 to z, over the density at z: z + z^3/3 + z^5/(3*5) ... (Abramowitz & Stegun 26.2.11). */
function normalSeries(z: number): number {
  let term = z
  let sum = z
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k
    sum += term
  }
  return sum
}

/** Mills' ratio as a continued fraction (Abramowitz & Stegun 26.2.14), from its end. */
function normalFraction(z: number): number {
  let fraction = z
  for (let k = 200; k > 0; k--) fraction = z + k / fraction
  return 1 / fraction
}

/** The least x in [low, high] where `reached` is true, to the last digit. */
function bisect(reached: (x: number) => boolean, low: number, high: number): number {
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (reached(middle)) high = middle
    else low = middle
  }
  return high
}
