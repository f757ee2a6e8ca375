import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changePoints } from '../../results/statistics/change-points.ts'

const series = fc.array(fc.double({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true }), {
  maxLength: 30,
})
const quick = { permutations: 199 }
const places = (samples: readonly number[]) => changePoints(samples, quick).map(each => each.at)

test('change points lie within the series, in order, three samples or more apart, each with a p up to 0.01', () => {
  fc.assert(
    fc.property(series, samples => {
      const found = changePoints(samples, quick)
      const ends = [0, ...found.map(each => each.at), samples.length]
      for (const [index, end] of ends.slice(1).entries())
        if (found.length > 0) assert.ok(end - (ends[index] ?? 0) >= 3)
      for (const { p } of found) assert.ok(p > 0 && p <= 0.01)
    }),
    { numRuns: 60 },
  )
})

test('the same samples give the same change points', () => {
  fc.assert(
    fc.property(series, samples =>
      assert.deepEqual(changePoints(samples, quick), changePoints(samples, quick)),
    ),
    { numRuns: 30 },
  )
})

// Whole numbers and powers of two keep the sums exact, so that no rounding decides between equal divisions.
const whole = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 30 })

test('neither the unit nor the origin of the samples matters', () => {
  fc.assert(
    fc.property(
      whole,
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: -8, max: 8 }),
      (x, add, power) => assert.deepEqual(places(x.map(each => each * 2 ** power + add)), places(x)),
    ),
    { numRuns: 60 },
  )
})

test('a constant series has no change point', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (n, value) => assert.deepEqual(places(new Array(n).fill(value)), []),
    ),
    { numRuns: 30 },
  )
})

test('a step that is large beside the noise is found at its very place', () => {
  const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 15 })
  fc.assert(
    fc.property(noise, noise, fc.boolean(), (before, after, up) => {
      const found = places([...before, ...after.map(each => each + (up ? 100 : -100))])
      assert.ok(found.includes(before.length), `${found}`)
    }),
    { numRuns: 60 },
  )
})
