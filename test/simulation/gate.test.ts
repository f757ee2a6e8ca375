import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgeAgainstRuns, judgePairs, judgeUnpaired, verdictOf } from '../../results/compare/judge.ts'
import { detectableChange } from '../../results/compare/noise.ts'
import { medianInterval } from '../../results/statistics/medians.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { logRatios } from '../../results/statistics/ratios.ts'
import { medianAbsoluteDeviation } from '../support/spread.ts'
import { experiment, SHARED } from './experiments.ts'
import { BUSY, drawCell, LOADED, normal, QUIET, randomOf, runCell } from './noise.ts'
import { ratesOf } from './rates.ts'
import {
  mannWhitneyOnly,
  meanOver5,
  medianOver5,
  ourGate,
  ourPairs,
  pairsIn,
  type Rule,
  storedBaselineAgain,
  trialsIn,
} from './rules.ts'

/** Three cells, as in the scenario `ci`; as many pairs and processes, shared by the sides, as by default. Figures of more experiments: `npm run bench:statistics`. */
const CELLS = 3
const EITHER = ['better', 'worse'] as const
const QUIET_AA = { model: QUIET, cells: CELLS, slower: 1 }

function falseAlarms(rule: Rule, experiments: number, setting = QUIET_AA): number {
  return ratesOf(rule, setting, { experiments }).falseAlarms
}

function found(rule: Rule, slower: number): number {
  return ratesOf(rule, { ...QUIET_AA, slower }, { experiments: 500 }).found
}

describe('pairs on synthetic noise', () => {
  it('has noise no kinder than that of the real experiment', () => {
    const experiments = 700
    let [consecutive, interleaved] = [0, 0]
    for (let seed = 0; seed < experiments; seed++) {
      const each = experiment(seed, QUIET_AA)
      for (const { base, other } of each.blocks(20)) if (apart(base, other)) consecutive++
      for (const { base, other } of each.interleaved(20)) if (apart(base, other)) interleaved++
    }
    // 8,516 real transfers, 20 a side: medians over 5 % apart in 20.5 % and 5.2 % of the comparisons.
    assert.ok(consecutive / experiments / CELLS > 0.205, `${consecutive / experiments / CELLS}`)
    assert.ok(interleaved / experiments / CELLS > 0.052, `${interleaved / experiments / CELLS}`)
  })

  it('has heavy tails: times spread by their mean as they do not by their median', () => {
    const random = randomOf(1)
    const spreads = Array.from({ length: 300 }, () => {
      const times = runCell(random, QUIET, drawCell(random, QUIET), 40).map(each => 1 / each)
      const mean = times.reduce((sum, each) => sum + each, 0) / times.length
      const squares = times.reduce((sum, each) => sum + (each - mean) ** 2, 0) / times.length
      return {
        cv: Math.sqrt(squares) / mean,
        mad: medianAbsoluteDeviation(times) / (median(times) ?? 1),
      }
    })
    const average = (of: readonly number[]) => of.reduce((sum, each) => sum + each, 0) / of.length
    assert.ok(average(spreads.map(each => each.cv)) > 0.5)
    assert.ok((median(spreads.map(each => each.mad)) ?? 1) < 0.06)
  })

  it('raises a false alarm in at most 1 % of 1,000 A/A experiments, with or without measuring again', () => {
    assert.ok(falseAlarms(ourPairs, 1000) <= 0.01)
    assert.ok(falseAlarms(ourGate, 1000) <= 0.001)
  })

  it('does so with one cell and with ten', () => {
    assert.ok(falseAlarms(ourPairs, 500, { ...QUIET_AA, cells: 1 }) <= 0.01)
    assert.ok(falseAlarms(ourPairs, 500, { ...QUIET_AA, cells: 10 }) <= 0.01)
  })

  it('does so on a busy machine, once what fails is measured again', () => {
    assert.ok(falseAlarms(ourGate, 500, { ...QUIET_AA, model: BUSY }) <= 0.01)
    assert.ok(falseAlarms(ourPairs, 500, { ...QUIET_AA, model: BUSY }) <= 0.01)
  })

  it('does so either way, on either machine, whether sides share their processes or not', () => {
    for (const model of [QUIET, { ...QUIET, process: 0.05 }, BUSY, LOADED])
      for (const carriers of [SHARED, { count: 8, shared: false }])
        assert.ok(falseAlarms(pairsIn(carriers, EITHER), 500, { ...QUIET_AA, model }) <= 0.01)
  })

  it('is what independent trials of two processes are not: those found a difference in 8 of 102 real A/A runs', () => {
    const alone = trialsIn({ count: 1, shared: false }, EITHER)
    assert.ok(falseAlarms(alone, 500) > 0.04)
    assert.ok(falseAlarms(alone, 250, { ...QUIET_AA, model: BUSY }) > 0.2)
  })

  it('does so against five stored runs, once what fails is measured again, on either machine', () => {
    for (const model of [QUIET, BUSY])
      assert.ok(falseAlarms(storedBaselineAgain(5), 500, { ...QUIET_AA, model }) <= 0.01)
  })

  it('finds 20 % slower in at least 95 %, and 10 % slower in at least 80 %', () => {
    assert.ok(found(ourPairs, 1.2) >= 0.95)
    assert.ok(found(ourPairs, 1.1) >= 0.8)
    assert.ok(found(ourGate, 1.2) >= 0.95)
    assert.ok(found(ourGate, 1.1) >= 0.8)
  })

  it('finds what `detectableChange` says that it finds, about as often as it says', () => {
    const odds = Array.from({ length: 40 }, (_, seed) => {
      const random = randomOf(seed)
      const cell = drawCell(random, QUIET)
      const sides = (pairs: number) => inTurn(runCell(random, QUIET, cell, 2 * pairs))
      const change = detectableChange(logRatios(...sides(50)), 20) ?? Number.NaN
      return share(40, () => {
        const [base, other] = sides(20)
        const judgement = judgePairs(
          base,
          other.map(each => each / (1 + change)),
        )
        return judgement !== undefined && verdictOf(judgement, judgement.p, RULE) === 'worse'
      })
    })
    const average = odds.reduce((sum, each) => sum + each, 0) / odds.length
    assert.ok(average > 0.78 && average < 0.92, `${average}`)
  })

  it('is what other rules are not', () => {
    for (const rule of [meanOver5, medianOver5, mannWhitneyOnly]) assert.ok(falseAlarms(rule, 250) > 0.2)
    assert.ok(found(meanOver5, 1.2) < 0.9)
  })
})

describe('intervals', () => {
  const draws = 2000

  it('of a median hold it 95 times of 100, from 6 samples on, however skewed they are', () => {
    for (const n of [6, 7, 10, 15, 20, 50]) {
      const held = share(draws, random => {
        const samples = Array.from({ length: n }, () => skewed(random))
        return holds(medianInterval(samples), MEDIAN_OF_SKEWED)
      })
      assert.ok(held > 0.93 && held < 0.975, `${held} of ${n}`)
    }
  })

  it('of a ratio hold it 95 times of 100 or more, paired and not', () => {
    for (const n of [3, 5, 6, 10, 20]) {
      for (const judge of [judgePairs, judgeUnpaired]) {
        const held = share(draws, random => {
          const [base, other] = [0, 0].map(() => Array.from({ length: n }, () => skewed(random)))
          return holds(base && other && judge(base, other)?.interval, 1)
        })
        assert.ok(held > 0.93, `${judge.name} ${held} of ${n}`)
      }
    }
  })

  it('of a run against five hold it 95 times of 100, where runs differ', () => {
    const held = share(draws, random => {
      const run = () => {
        const level = Math.exp(0.1 * normal(random))
        return Array.from({ length: 12 }, () => level * Math.exp(0.05 * normal(random)))
      }
      return holds(judgeAgainstRuns([run(), run(), run(), run(), run()], run())?.interval, 1)
    })
    assert.ok(held > 0.93 && held < 0.97, `${held}`)
  })
})

const RULE = { delta: 0.05, better: 'higher' } as const

function inTurn(trials: Float64Array): [Float64Array, Float64Array] {
  return [trials.filter((_, i) => i % 2 === 0), trials.filter((_, i) => i % 2 === 1)]
}

function apart(base: Float64Array, other: Float64Array): boolean {
  return Math.abs((median(other) ?? 0) / (median(base) ?? 0) - 1) > 0.05
}

const MEDIAN_OF_SKEWED = 1

/** Half at 1 or more, slightly; half below, one in eight far below. */
function skewed(random: () => number): number {
  const side = Math.abs(normal(random)) * 0.05
  if (random() < 0.5) return Math.exp(side)
  return Math.exp(-side - (random() < 0.25 ? 1 : 0))
}

function share(draws: number, happens: (random: () => number) => boolean): number {
  const random = randomOf(4711)
  return Array.from({ length: draws }, () => happens(random)).filter(Boolean).length / draws
}

function holds(interval: { low: number; high: number } | undefined, value: number): boolean {
  return interval !== undefined && interval.low <= value && value <= interval.high
}
