/** Rules that say which cells got worse: ours, and those that others use. */
import {
  DELTA,
  DELTA_SINGLE_BASELINE,
  type Judgement,
  judgeAgainstRuns,
  judgePairs,
  judgeUnpaired,
  type Verdict,
  verdictOf,
} from '../../results/compare/judge.ts'
import { holm } from '../../results/statistics/holm.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { mannWhitney } from '../../results/statistics/rank-tests.ts'
import { logRatios } from '../../results/statistics/ratios.ts'
import { studentUpperTail } from '../../results/statistics/special.ts'
import type { Carriers, Experiment, Sides, StoredRuns } from './experiments.ts'
import { signedRank } from './signed-rank.ts'

/** Indexes of the cells that are said to be worse. Goodput: higher is better. */
export type Rule = (experiment: Experiment, pairs: number) => readonly number[]

/** `ab`: pairs, once. */
export const ourPairs: Rule = (experiment, pairs) => worseOf(judgeSides(experiment.interleaved(pairs)))

/** The same of other processes, and of changes either way. */
export const pairsIn =
  (carriers: Carriers, verdicts: readonly Verdict[] = ['worse']): Rule =>
  (experiment, pairs) =>
    worseOf(judgeSides(experiment.interleaved(pairs, carriers)), DELTA, verdicts)

/** As it was before: as if trials were independent, whatever carries them, and an effect need not be three standard errors. */
export const trialsIn =
  (carriers: Carriers, verdicts: readonly Verdict[] = ['worse']): Rule =>
  (experiment, pairs) =>
    worseOf(
      experiment.interleaved(pairs, carriers).map(({ base, other }) => {
        const judgement = judgePairs(base, other)
        return judgement && { ...judgement, error: undefined }
      }),
      DELTA,
      verdicts,
    )

function judgeSides(sides: readonly Sides[]): readonly (Judgement | undefined)[] {
  return sides.map(({ base, other, processes }) => judgePairs(base, other, processes))
}

/** The same with the signed-rank test for the sign test. */
export const signedRankPairs: Rule = (experiment, pairs) =>
  worseOf(
    experiment.interleaved(pairs).map(({ base, other }) => {
      const judgement = judgePairs(base, other)
      return judgement && { ...judgement, p: signedRank(logRatios(base, other)) }
    }),
  )

/** The gate: cells that fail, or would without Holm, are measured again with fresh pairs, twice as many, and have to fail by the whole rule. */
export const ourGate: Rule = (experiment, pairs) => {
  const first = judgeSides(experiment.interleaved(pairs))
  const suspects = first.flatMap((each, index) => (each && isWorse(each, each.p) ? [index] : []))
  if (suspects.length === 0) return []
  const again = experiment.interleaved(2 * pairs)
  const judged = suspects.map(index => {
    const sides = again[index]
    return sides && judgePairs(sides.base, sides.other, sides.processes)
  })
  return worseOf(judged).map(index => suspects[index] ?? -1)
}

/** The same with as many pairs, for cells that fail after Holm only. */
export const strictGate: Rule = (experiment, pairs) => {
  const suspects = ourPairs(experiment, pairs)
  if (suspects.length === 0) return []
  const again = experiment.interleaved(pairs)
  const judged = suspects.map(index => {
    const sides = again[index]
    return sides && judgePairs(sides.base, sides.other, sides.processes)
  })
  return worseOf(judged).map(index => suspects[index] ?? -1)
}

/** Two runs, one after the other: `compare A.csv B.csv`. */
export const ourBlocks: Rule = (experiment, trials) =>
  worseOf(
    experiment.blocks(trials).map(({ base, other }) => judgeUnpaired(base, other)),
    DELTA_SINGLE_BASELINE,
  )

/** A new run against so many stored ones. */
export const storedBaseline =
  (runs: number): Rule =>
  (experiment, trials) =>
    worseThanStored(experiment.stored(runs, trials), each => each.other)

/** The same, and what fails has to fail in another new run. */
export const storedBaselineAgain =
  (runs: number): Rule =>
  (experiment, trials) => {
    const cells = experiment.stored(runs, trials)
    const suspects = worseThanStored(cells, each => each.other)
    const again = worseThanStored(
      cells.filter((_, index) => suspects.includes(index)),
      each => each.another,
    )
    return again.map(index => suspects[index] ?? -1)
  }

function worseThanStored(
  cells: readonly StoredRuns[],
  newRun: (cell: StoredRuns) => Float64Array,
): readonly number[] {
  const judged = cells.map(each => {
    const [first] = each.base
    return each.base.length === 1 && first
      ? judgeUnpaired(first, newRun(each))
      : judgeAgainstRuns(each.base, newRun(each))
  })
  return worseOf(judged, cells[0]?.base.length === 1 ? DELTA_SINGLE_BASELINE : DELTA)
}

/** The mean of all trials takes over 5 % longer. */
export const meanOver5: Rule = byCell(
  'blocks',
  (base, other) => mean(times(other)) > 1.05 * mean(times(base)),
)

/** One trial each, and it takes twice as long: the default of github-action-benchmark (alert-threshold: 200 %). */
export const oneOver200: Rule = byCell('blocks', (base, other) => (base[0] ?? 0) > 2 * (other[0] ?? 0))

export const medianOver5: Rule = byCell('blocks', medianWorse)
export const medianOver5Interleaved: Rule = byCell('interleaved', medianWorse)

/** Welch's t-test at 5 %, two-sided. */
export const tTest: Rule = byCell('blocks', (base, other) => {
  const [x, y] = [times(base), times(other)]
  const [a, b] = [variance(x) / x.length, variance(y) / y.length]
  const degrees = (a + b) ** 2 / (a ** 2 / (x.length - 1) + b ** 2 / (y.length - 1))
  return studentUpperTail((mean(y) - mean(x)) / Math.sqrt(a + b), degrees) < 0.025
})

/** Mann-Whitney U at 5 %, and nothing else: benchstat. */
export const mannWhitneyOnly: Rule = byCell('blocks', (base, other) => {
  const p = mannWhitney(base, other)?.p ?? 1
  return p < 0.05 && medianOf(other) < medianOf(base)
})

function medianWorse(base: Float64Array, other: Float64Array): boolean {
  return medianOf(base) > 1.05 * medianOf(other)
}

function byCell(
  schedule: 'blocks' | 'interleaved',
  worse: (base: Float64Array, other: Float64Array) => boolean,
): Rule {
  return (experiment, trials) => {
    const cells: readonly Pick<Sides, 'base' | 'other'>[] = experiment[schedule](trials)
    return cells.flatMap(({ base, other }, index) => (worse(base, other) ? [index] : []))
  }
}

function worseOf(
  judged: readonly (Judgement | undefined)[],
  delta: number = DELTA,
  verdicts: readonly Verdict[] = ['worse'],
): readonly number[] {
  const corrected = holm(judged.map(each => each?.p))
  return judged.flatMap((each, index) =>
    each && verdicts.includes(verdictOf(each, corrected[index], { delta, better: 'higher' })) ? [index] : [],
  )
}

function isWorse(judgement: Judgement, p: number | undefined): boolean {
  return verdictOf(judgement, p, { delta: DELTA, better: 'higher' }) === 'worse'
}

function medianOf(samples: Float64Array): number {
  return median(samples) ?? Number.NaN
}

function times(goodputs: Float64Array): Float64Array {
  return goodputs.map(each => 1 / each)
}

function mean(samples: Float64Array): number {
  return samples.reduce((sum, each) => sum + each, 0) / samples.length
}

function variance(samples: Float64Array): number {
  const middle = mean(samples)
  return samples.reduce((sum, each) => sum + (each - middle) ** 2, 0) / (samples.length - 1)
}
