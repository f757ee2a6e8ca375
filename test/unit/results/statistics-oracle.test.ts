import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { judgeAgainstRuns } from '../../../results/compare/judge.ts'
import { dip } from '../../../results/statistics/dip.ts'
import { holm } from '../../../results/statistics/holm.ts'
import { lossInterval } from '../../../results/statistics/loss.ts'
import { medianInterval, medianRank, sortedMedianInterval } from '../../../results/statistics/medians.ts'
import { newcombe, wilson } from '../../../results/statistics/proportions.ts'
import { median, quantile } from '../../../results/statistics/quantiles.ts'
import { mannWhitney, signTest } from '../../../results/statistics/rank-tests.ts'
import { medianRatioInterval, noiseOf } from '../../../results/statistics/ratios.ts'
import {
  binomialCdf,
  incompleteBeta,
  logGamma,
  normalUpperTail,
  studentQuantile,
  studentUpperTail,
} from '../../../results/statistics/special.ts'

/** What test/oracle/statistics.py found with SciPy, NumPy and statsmodels. */
const numbers = z.array(z.number())
const rows = z.array(numbers)
const oracle = z
  .object({
    special: z.object({
      beta: rows,
      logGamma: rows,
      binomial: rows,
      studentTail: rows,
      studentQuantile: rows,
      normalTail: rows,
    }),
    mannWhitney: z.array(
      z.object({
        x: numbers,
        y: numbers,
        u: z.number(),
        asymptotic: z.number().nullable(),
        exact: z.number().nullable(),
      }),
    ),
    sign: rows,
    holm: z.array(z.object({ p: numbers, corrected: numbers })),
    quantiles: z.array(z.object({ samples: numbers, median: z.number(), quantiles: rows })),
    medianIntervals: z.array(
      z.object({ samples: numbers, level: z.number(), rank: z.int(), low: z.number(), high: z.number() }),
    ),
    resampledMedians: z.array(
      z.object({ x: numbers, y: numbers, low: z.number(), high: z.number(), error: z.number() }),
    ),
    proportions: z.object({ wilson: rows, newcombe: rows }),
    losses: z.array(
      z.object({ lost: numbers, accepted: numbers, ratio: z.number(), low: z.number(), high: z.number() }),
    ),
    dips: z.array(z.object({ name: z.string(), samples: numbers, dip: z.number() })),
    prediction: z.array(
      z.object({
        medians: numbers,
        latest: z.number(),
        ratio: z.number(),
        low: z.number(),
        high: z.number(),
        p: z.number(),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../../test/oracle/statistics.json', import.meta.url), 'utf8')),
  )

/** Within 1e-10, or so much of the value where that is more. */
function close(actual: number | undefined, expected: number, tolerance = 1e-10): void {
  const least = tolerance * Math.max(1, Math.abs(expected))
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= least, `${actual} is not ${expected}`)
}

describe('statistics agree with SciPy, NumPy and statsmodels', () => {
  it('in the distributions that tests stand on', () => {
    const { special } = oracle
    const each = (table: readonly number[][], ours: (...at: number[]) => number) => {
      assert.ok(table.length > 5)
      for (const row of table) close(ours(...row.slice(0, -1)), row.at(-1) ?? Number.NaN)
    }
    each(special.beta, (x = 0, a = 0, b = 0) => incompleteBeta(x, a, b))
    each(special.logGamma, (x = 0) => logGamma(x))
    each(special.binomial, (k = 0, n = 0, p = 0) => binomialCdf(k, n, p))
    each(special.studentTail, (t = 0, degrees = 0) => studentUpperTail(t, degrees))
    // SciPy's own is that far from its distribution function.
    for (const [p = 0, degrees = 0, value = 0] of special.studentQuantile)
      close(studentQuantile(p, degrees), value, 1e-8)
    each(special.normalTail, (at = 0) => normalUpperTail(at))
  })

  it('far out in the tails, where only the ratio tells', () => {
    for (const [at, tail] of oracle.special.normalTail) {
      if (at === undefined || tail === undefined) throw new Error('no such row')
      close(normalUpperTail(at) / tail, 1, 1e-9)
    }
  })

  it("in Mann and Whitney's U and its p, exact and asymptotic, tied and not", () => {
    for (const { x, y, u, asymptotic, exact } of oracle.mannWhitney) {
      const [byNormal, byCount] = [mannWhitney(x, y, 'asymptotic'), mannWhitney(x, y, 'exact')]
      close(byNormal?.u, u)
      close(byNormal?.p, asymptotic ?? 1)
      if (exact !== null) close(byCount?.p, exact)
      const auto = mannWhitney(x, y)?.p
      assert.equal(auto, exact !== null && x.length * y.length <= 1000 ? byCount?.p : byNormal?.p)
    }
  })

  it('in the sign test and in Holm', () => {
    for (const [a = 0, b = 0, p = 0] of oracle.sign) close(signTest(a, b), p)
    for (const { p, corrected } of oracle.holm)
      for (const [index, value] of holm(p).entries()) close(value, corrected[index] ?? Number.NaN)
  })

  it('in quantiles', () => {
    for (const each of oracle.quantiles) {
      close(median(each.samples), each.median)
      for (const [p = 0, value = 0] of each.quantiles) close(quantile(each.samples, p), value)
    }
  })

  it('in intervals of a median by order statistics', () => {
    for (const { samples, level, rank, low, high } of oracle.medianIntervals) {
      assert.equal(medianRank(samples.length, level), rank)
      const interval = sortedMedianInterval(samples, level)
      close(interval?.low, low)
      close(interval?.high, high)
      if (level === 0.95) assert.deepEqual(medianInterval(samples.toReversed()), interval)
    }
  })

  it('in the bootstrap of a ratio of medians, as near as 400,000 resamples tell', () => {
    for (const { x, y, low, high, error } of oracle.resampledMedians) {
      const interval = medianRatioInterval(Float64Array.from(x).sort(), Float64Array.from(y).sort())
      close(interval?.low, low, 0.005)
      close(interval?.high, high, 0.005)
      close((noiseOf(y.map(Math.log)) ?? Number.NaN) / error, 1, 0.02)
    }
  })

  it('in intervals of proportions and of their differences', () => {
    for (const [successes = 0, total = 0, low = 0, high = 0] of oracle.proportions.wilson) {
      close(wilson(successes, total)?.low, low)
      close(wilson(successes, total)?.high, high)
    }
    for (const [a = 0, n = 0, b = 0, m = 0, low = 0, high = 0] of oracle.proportions.newcombe) {
      const [base, other] = [wilson(a, n), wilson(b, m)]
      assert.ok(base && other)
      const interval = newcombe({ ratio: a / n, interval: base }, { ratio: b / m, interval: other })
      close(interval.low, low)
      close(interval.high, high)
    }
  })

  it('in losses with the trial as the unit', () => {
    for (const { lost, accepted, ratio, low, high } of oracle.losses) {
      const share = lossInterval(lost, accepted)
      close(share?.ratio, ratio)
      close(share?.interval.low, low)
      close(share?.interval.high, high)
    }
  })

  it('in the dip, which a linear programme gives too', () => {
    for (const each of oracle.dips) close(dip(each.samples), each.dip, 1e-7)
  })

  it('in the interval and the p of a run against several', () => {
    for (const { medians, latest, ratio, low, high, p } of oracle.prediction) {
      const judged = judgeAgainstRuns(
        medians.map(each => [each]),
        [latest],
      )
      close(judged?.ratio, ratio)
      close(judged?.interval?.low, low)
      close(judged?.interval?.high, high)
      close(judged?.p, p)
    }
  })
})
