/** What a machine's own noise hides: read off pairs whose two sides are the same (`bench aa`). */
import { seededRandom } from '../../base/random.ts'
import { medianRank, sortedMedian } from '../statistics/medians.ts'
import { sortedQuantile } from '../statistics/quantiles.ts'
import { finite, noiseOf } from '../statistics/ratios.ts'
import { ALPHA, DELTA, LEAST_ERRORS } from './judge.ts'

/**
 * The least change, as a share (0.08: 8 % slower or faster), that the rule of `verdictOf` finds 4 times out of 5 in `pairs` pairs on a
 * machine that shows these log ratios when both sides are the same. By resampling them: a resample shifted by s is found when its outer order
 * statistic and its median pass their bounds, so each one gives the least s at once. Undefined when so few pairs can prove nothing, or
 * there are fewer than 6 log ratios, too few to show how pairs spread.
 * @param options.cells how many are judged together: Holm asks more of each
 */
export function detectableChange(
  logRatios: ArrayLike<number>,
  pairs: number,
  { delta = DELTA, cells = 1 } = {},
): number | undefined {
  const rank = medianRank(pairs, 1 - ALPHA / cells)
  if (rank === 0 || logRatios.length < MIN_RATIOS) return undefined
  const sorted = Float64Array.from(logRatios, finite).sort()
  const centre = sortedMedian(sorted)
  const random = seededRandom(1)
  const slower = new Float64Array(RESAMPLES)
  const faster = new Float64Array(RESAMPLES)
  const drawn = new Float64Array(pairs)
  for (let i = 0; i < RESAMPLES; i++) {
    for (let j = 0; j < pairs; j++) drawn[j] = (sorted[Math.floor(random() * sorted.length)] ?? 0) - centre
    drawn.sort()
    const middle = sortedMedian(drawn)
    const least = Math.max(Math.log1p(delta), LEAST_ERRORS * (noiseOf(drawn) ?? 0))
    slower[i] = Math.max(drawn[pairs - rank] ?? 0, least + middle)
    faster[i] = Math.max(-(drawn[rank - 1] ?? 0), least - middle)
  }
  const worst = Math.max(...[slower, faster].map(each => sortedQuantile(each.sort(), POWER) ?? 0))
  return Math.expm1(worst)
}

/** How often it has to be found. */
const POWER = 0.8
const RESAMPLES = 1000
const MIN_RATIOS = 6
