/** How many samples would show whether there is a difference. Pure. */
import { largestOf } from '../../base/groups.ts'
import { studentQuantile } from '../statistics/special.ts'
import type { Change } from './comparison.ts'
import { ALPHA, LEAST_ERRORS } from './judge.ts'

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

/** Nobody waits for more. */
const MOST_ROUNDS = 1000
/** In so few samples an interval says little of how wide one of more would be. */
const FEW = 6
/** Standard errors from the middle of a 95 % interval to its end. */
const HALF_WIDTH = 1.96
/** With so many standard errors more than a condition needs, nine of ten measurements meet it, and four of five meet all of them. */
const MARGIN = 1.28

/** What to measure so that a comparison says more. */
export interface Proof {
  /** `--repeat 60` */
  readonly flags: string
  /** How many of the changes that settles: all, or half of them or more where the others take more than twice as much. */
  readonly settles: number
  /** The samples of one or more say nothing of how they scatter, so that this only says more. */
  readonly isGuess: boolean
}

/**
 * What would prove these changes, or exclude them, in four of five attempts, if they are what they look like. An interval narrows with the
 * square root of the number of samples. Undefined where no number that anybody waits for would.
 * @param tests how many are judged together
 */
export function whatProves(changes: readonly Change[], tests: number): Proof | undefined {
  const possible = changes
    .map(each => roundsNeeded(each, tests))
    .filter(({ rounds }) => rounds <= MOST_ROUNDS)
    .sort((a, b) => a.rounds - b.rounds)
  const [half, all] = [possible[Math.floor((possible.length - 1) / 2)], possible.at(-1)]
  if (!half || !all) return undefined
  // One that is nearly level takes far more than the others.
  const { rounds } = all.rounds <= 2 * half.rounds ? all : half
  const settled = possible.filter(each => each.rounds <= rounds)
  const processes = largestOf(settled, each => each.processes)
  return {
    flags: `${processes === undefined ? '' : `--processes ${processes} `}--repeat ${rounds}`,
    settles: settled.length,
    isGuess: settled.some(each => each.isGuess),
  }
}

/** Three rounds each for processes; runs differ, however many rounds they have. */
function roundsNeeded(change: Change, tests: number) {
  if (isBetweenRuns(change)) return { rounds: Number.POSITIVE_INFINITY, isGuess: false }
  const samples = samplesNeeded(change, tests)
  const isGuess = samples === undefined
  if (change.basis !== 'processes') return { rounds: 10 * Math.ceil((samples ?? 20) / 10), isGuess }
  return { processes: samples ?? 8, rounds: 3 * (samples ?? 8), isGuess }
}

/** What has no pairs is of different runs, and how these differ is not to be seen in their rounds. */
export function isBetweenRuns({ paired }: Change): boolean {
  return !paired
}

/** Undefined where the interval says nothing yet. */
function samplesNeeded(change: Change, tests: number): number | undefined {
  const { ratio, interval, p, n, paired, delta } = change
  const half = interval ? Math.log(interval.high / interval.low) / 2 : Number.NaN
  const [effect, error] = [Math.abs(Math.log(ratio)), half / HALF_WIDTH]
  if (n < FEW || !Number.isFinite(half) || !Number.isFinite(effect)) return undefined
  const beyond = effect - Math.log1p(delta)
  // Excluded: the interval ends before the least effect that counts. Proven: the effect is that, and three standard errors, and the test reaches its p.
  const test = p === undefined ? 1 : (normalQuantile(ALPHA / tests) + MARGIN) / normalQuantile(p)
  const narrower =
    beyond < 0
      ? (error * (HALF_WIDTH + MARGIN)) / -beyond
      : Math.max((error * (LEAST_ERRORS + MARGIN)) / effect, (error * MARGIN) / beyond, test)
  return Math.max(Math.ceil(n * narrower ** 2), 2 * n, leastSamples(paired, tests))
}

/** Beyond which a share p of the normal distribution lies, at both ends together. */
function normalQuantile(p: number): number {
  return studentQuantile(1 - p / 2, 1e9)
}
