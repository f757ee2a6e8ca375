import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { medianInterval } from '../../results/statistics/medians.ts'
import { wilson } from '../../results/statistics/proportions.ts'
import { median, quantile } from '../../results/statistics/quantiles.ts'

const sample = fc.double({ min: -1e12, max: 1e12, noNaN: true }).map(value => value + 0)
const samples = fc.array(sample, { minLength: 2, maxLength: 40 })

it('the interval holds the median, and lies within the samples', () => {
  fc.assert(
    fc.property(samples, values => {
      const interval = medianInterval(values)
      const middle = median(values)
      assert.ok(interval && middle !== undefined)
      assert.ok(interval.low <= middle && middle <= interval.high)
      assert.ok(interval.low >= Math.min(...values) && interval.high <= Math.max(...values))
    }),
  )
})

it('the interval scales with the samples, whatever their order', () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: -20, max: 20 }), (values, power) => {
      // Powers of two scale without rounding (away from the smallest numbers).
      const plain = values.map(Math.round)
      const interval = medianInterval(plain)
      const scaled = medianInterval(plain.toReversed().map(value => value * 2 ** power))
      assert.ok(interval && scaled)
      assert.equal(scaled.low + 0, interval.low * 2 ** power + 0)
      assert.equal(scaled.high + 0, interval.high * 2 ** power + 0)
    }),
  )
})

it('quantiles rise with p, from the least to the largest', () => {
  fc.assert(
    fc.property(
      samples,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, p, q) => {
        const [low, high] = [quantile(values, Math.min(p, q)), quantile(values, Math.max(p, q))]
        assert.ok(low !== undefined && high !== undefined)
        // Interpolation may round in the last digit.
        assert.ok(low <= high + 1e-3)
        assert.equal(quantile(values, 0), Math.min(...values) + 0)
        assert.equal(quantile(values, 1), Math.max(...values) + 0)
      },
    ),
  )
})

it('the Wilson interval holds the share, within 0 and 1', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (total, share) => {
        const successes = Math.round(share * total)
        const interval = wilson(successes, total)
        assert.ok(interval)
        assert.ok(interval.low >= 0 && interval.high <= 1)
        assert.ok(interval.low <= successes / total && successes / total <= interval.high)
      },
    ),
  )
})
