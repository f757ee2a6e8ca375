import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { medianInterval } from '../../../results/statistics/medians.ts'
import { wilson } from '../../../results/statistics/proportions.ts'
import { median, quantile } from '../../../results/statistics/quantiles.ts'

const close = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`)

describe('statistics', () => {
  it('are undefined where there is nothing', () => {
    assert.equal(median([]), undefined)
    assert.equal(quantile([], 0.99), undefined)
    assert.equal(medianInterval([]), undefined)
    assert.equal(medianInterval([1]), undefined)
    assert.equal(wilson(0, 0), undefined)
  })

  it('give the median and the type 7 quantile of R and NumPy', () => {
    assert.equal(median([3, 1, 2]), 2)
    assert.equal(median([4, 1, 3, 2]), 2.5)
    close(quantile([1, 2, 3, 4], 0.25), 1.75)
    close(
      quantile(
        Array.from({ length: 20 }, (_, index) => index + 1),
        0.99,
      ),
      19.81,
    )
    assert.equal(quantile([7], 0.99), 7)
  })

  it('do not change the samples', () => {
    const samples = [3, 1, 2]
    median(samples)
    medianInterval(samples)
    assert.deepEqual(samples, [3, 1, 2])
  })

  it('give the Wilson interval of the literature (Newcombe 1998: 81 of 263)', () => {
    close(Math.round((wilson(81, 263)?.low ?? 0) * 1e4), 2553)
    close(Math.round((wilson(81, 263)?.high ?? 0) * 1e4), 3662)
    assert.equal(wilson(0, 20)?.low, 0)
    assert.equal(wilson(20, 20)?.high, 1)
  })

  it('give an interval of the median that covers about as often as it says', () => {
    // Uniform samples of a fixed sequence; the true median is 0.5.
    let state = 1
    const next = () => {
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647
    }
    let covered = 0
    for (let run = 0; run < 200; run++) {
      const interval = medianInterval(Array.from({ length: 20 }, next))
      if (interval && interval.low <= 0.5 && interval.high >= 0.5) covered++
    }
    assert.ok(covered >= 180 && covered < 200, `${covered} of 200`)
  })
})
