/** How many samples would show whether there is a difference. Pure. */
import type { Change } from './comparison.ts'
import { ALPHA, type Basis, LEAST_ERRORS } from './judge.ts'

/** The least two-sided p that so many samples can have: of the sign test, or of Mann-Whitney's without ties. */
export function leastP(paired: boolean, n: number, m: number): number {
  if (paired) return Math.min(1, 2 * 0.5 ** n)
  let orders = 1
  for (let i = 1; i <= Math.min(n, m) && orders < 1e9; i++) orders *= (Math.max(n, m) + i) / i
  return Math.min(1, 2 / orders)
}

/** With fewer samples a side, not even the clearest result of so many that are judged together would be significant. */
export function leastSamples(paired: boolean, tests: number): number {
  let needed = 2
  while (tests * leastP(paired, needed, needed) > ALPHA) needed++
  return needed
}

/** From so many samples on it is not their number that leaves a ratio open. */
export const ENOUGH = 10

/** What to measure where nothing else is known. */
export const MORE: Readonly<Record<Basis, string>> = {
  pairs: '--repeat 20',
  processes: '--processes 8 or more',
  runs: `${ENOUGH} runs or more`,
  single: '--repeat 20',
}

/** Nobody waits for more. */
const MOST_SAMPLES = 1000
/** In so few samples an interval says little of how wide one of more would be. */
const FEW = 6
/** Standard errors from the middle of a 95 % interval to its end. */
const HALF_WIDTH = 1.96

/** What to measure so that a comparison says more. */
export interface Proof {
  /** `--repeat 60` */
  readonly flags: string
  /** How many of the changes that settles; the others need more samples than anybody waits for. */
  readonly settles: number
}

/**
 * What would prove these changes, or exclude them, if they are what they look like. An interval narrows with the square root of the number
 * of samples. Undefined where no number that anybody waits for would.
 * @param tests how many are judged together
 */
export function whatProves(changes: readonly Change[], tests: number): Proof | undefined {
  const [first] = changes
  if (!first) return undefined
  const basis = changes.find(each => each.basis !== 'pairs')?.basis ?? first.basis
  const counts = changes.map(each => samplesNeeded(each, tests))
  const possible = counts.filter((count = 0) => count <= MOST_SAMPLES)
  if (possible.length === 0) return undefined
  const settles = possible.length
  if (basis === 'runs' || counts.includes(undefined)) return { flags: MORE[basis], settles }
  const most = Math.max(...possible.map(count => count ?? 0))
  const tens = 10 * Math.ceil(most / 10)
  return {
    flags: basis === 'processes' ? `--processes ${most} --repeat ${3 * most}` : `--repeat ${tens}`,
    settles,
  }
}

/** Undefined where the interval says nothing yet. */
function samplesNeeded({ ratio, interval, n, paired, delta }: Change, tests: number): number | undefined {
  const half = interval ? Math.log(interval.high / interval.low) / 2 : Number.NaN
  const effect = Math.abs(Math.log(ratio))
  if (n < FEW || !Number.isFinite(half) || !Number.isFinite(effect)) return undefined
  const least = Math.log1p(delta)
  // Proven: the effect is three standard errors. Excluded: the interval ends before the least effect that counts.
  const wanted = effect >= least ? (effect * HALF_WIDTH) / LEAST_ERRORS : least - effect
  return Math.max(Math.ceil(n * (half / wanted) ** 2), 2 * n, leastSamples(paired, tests))
}
