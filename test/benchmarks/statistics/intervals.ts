/** How often 95 % intervals hold what they should. */
import { judgePairs, judgeUnpaired } from '../../../results/compare/judge.ts'
import { medianRank, sortedMedianInterval } from '../../../results/statistics/medians.ts'
import type { Interval } from '../../../results/statistics/quantiles.ts'
import { resampledMedianWeights } from '../../../results/statistics/resampled-median.ts'
import { normal, randomOf } from '../../simulation/noise.ts'
import { markdown, percent } from './markdown.ts'

type Draw = (random: () => number) => number

/** Logarithms of goodput; their medians are 0. */
const SHAPES: Readonly<Record<string, Draw>> = {
  normal: random => 0.06 * normal(random),
  // Half of the trials above; a quarter of those below stalled.
  'with stalls': random => {
    const side = Math.abs(0.06 * normal(random))
    if (random() < 0.5) return side
    return -side - (random() < 0.25 ? -0.8 * Math.log(1 - random()) : 0)
  },
  // The median lies at the edge of the larger mode.
  'two modes': random => (random() < 0.45 ? -0.588 - Math.abs(0.06 * normal(random)) : firstMode(random)),
}

function firstMode(random: () => number): number {
  // 5 of 55 samples of this mode are below its median.
  const side = Math.abs(0.06 * normal(random))
  return random() < 1 / 11 ? -side : side
}

/** Of one median: the percentile bootstrap's, the plain order statistics', ours. */
export function intervalTable(experiments: number): string {
  const methods: readonly ((sorted: Float64Array) => Interval | undefined)[] = [
    bootstrap,
    orderStatistics,
    sorted => sortedMedianInterval(sorted),
  ]
  const heading = [
    'samples',
    ...Object.keys(SHAPES).flatMap(shape => ['bootstrap', 'order', 'ours'].map(each => `${shape}: ${each}`)),
  ]
  const rows = [6, 7, 8, 10, 15, 20, 50, 200].map(n => [
    `${n}`,
    ...Object.values(SHAPES).flatMap(draw =>
      methods.map(method => percent(coverage(experiments, random => method(drawn(random, draw, n).sort())))),
    ),
  ])
  return markdown(heading, rows)
}

/** Of a ratio, by the judge. */
export function ratioTable(experiments: number): string {
  const heading = [
    'samples a side',
    ...Object.keys(SHAPES).flatMap(shape => [`${shape}: pairs`, `${shape}: unpaired`]),
  ]
  const rows = [2, 3, 4, 5, 6, 10, 20, 50].map(n => [
    `${n}`,
    ...Object.values(SHAPES).flatMap(draw =>
      [judgePairs, judgeUnpaired].map(judge =>
        percent(
          coverage(experiments, random => {
            const [base, other] = [drawn(random, draw, n), drawn(random, draw, n)]
            const { interval } = judge(base.map(Math.exp), other.map(Math.exp)) ?? {}
            return interval && { low: Math.log(interval.low), high: Math.log(interval.high) }
          }),
        ),
      ),
    ),
  ])
  return markdown(heading, rows)
}

function drawn(random: () => number, draw: Draw, n: number): Float64Array {
  return Float64Array.from({ length: n }, () => draw(random))
}

function coverage(experiments: number, interval: (random: () => number) => Interval | undefined): number {
  const random = randomOf(experiments)
  let held = 0
  for (let i = 0; i < experiments; i++) {
    const found = interval(random)
    if (found && found.low <= 0 && found.high >= 0) held++
  }
  return held / experiments
}

/** Percentiles of the medians of all resamples. */
function bootstrap(sorted: Float64Array): Interval {
  const weights = resampledMedianWeights(sorted.length)
    .map(({ low, high, weight }) => ({
      value: ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2,
      weight,
    }))
    .sort((a, b) => a.value - b.value)
  let below = 0
  let low = Number.NaN
  for (const { value, weight } of weights) {
    if (Number.isNaN(low) && below + weight > 0.025) low = value
    below += weight
    if (below >= 0.975) return { low, high: value }
  }
  throw new Error('weights do not sum to 1')
}

function orderStatistics(sorted: Float64Array): Interval {
  const rank = medianRank(sorted.length, 0.95)
  return { low: sorted[rank - 1] ?? Number.NaN, high: sorted[sorted.length - rank] ?? Number.NaN }
}
