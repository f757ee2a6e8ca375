/** How many samples would show whether there is a difference. Pure. */
import { ascending } from '../../base/groups.ts'
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
  /** How many of the changes that settles: all, or half of them or more where the others take more than twice as much. */
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
  const possible = counts
    .map((count = 0) => 10 * Math.ceil(count / 10))
    .filter(count => count <= MOST_SAMPLES)
  const sorted = possible.sort(ascending)
  const [half, all] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
  if (half === undefined || all === undefined) return undefined
  if (basis === 'runs' || counts.includes(undefined)) return { flags: MORE[basis], settles: sorted.length }
  // One that is nearly level takes far more than the others.
  const count = all <= 2 * half ? all : half
  return {
    flags: basis === 'processes' ? `--processes ${count} --repeat ${3 * count}` : `--repeat ${count}`,
    settles: sorted.filter(each => each <= count).length,
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
