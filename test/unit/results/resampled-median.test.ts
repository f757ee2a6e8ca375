/** The bootstrap of a median without drawing, against all resamples there are, one after the other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { medianRatioInterval } from '../../../results/statistics/ratios.ts'
import { resampledMedianWeights } from '../../../results/statistics/resampled-median.ts'

/** Medians of all n^n resamples of n ascending samples: each with how many resamples have it. */
function allMedians(samples: readonly number[]): ReadonlyMap<number, number> {
  const n = samples.length
  const counts = new Map<number, number>()
  /** Each set of draws once, ascending, with the number of orders in which it can be drawn. */
  const draw = (drawn: readonly number[], from: number, orders: number): void => {
    if (drawn.length === n) {
      const median = ((drawn[(n - 1) >> 1] ?? 0) + (drawn[n >> 1] ?? 0)) / 2
      counts.set(median, (counts.get(median) ?? 0) + orders)
      return
    }
    for (let index = from; index < n; index++)
      for (let times = 1; drawn.length + times <= n; times++) {
        const more = [...drawn, ...Array(times).fill(samples[index])]
        if (index < n - 1 || more.length === n) draw(more, index + 1, orders * choose(more.length, times))
      }
  }
  draw([], 0, 1)
  return counts
}

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k
}

/** Powers of two: no two pairs have the same middle. */
const samplesOf = (n: number) => Array.from({ length: n }, (_, index) => 2 ** index)

for (const n of [4, 5, 6, 7])
  test(`weights of ${n} samples are those of all ${n ** n} resamples`, () => {
    const samples = samplesOf(n)
    const expected = allMedians(samples)
    const weights = resampledMedianWeights(n)
    for (const { low, high, weight } of weights) {
      const median = ((samples[low] ?? 0) + (samples[high] ?? 0)) / 2
      assert.ok(Math.abs(weight - (expected.get(median) ?? 0) / n ** n) < 1e-10, `${low} ${high} ${weight}`)
    }
    assert.ok(Math.abs(weights.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9)
  })

for (const [n, m] of [
  [4, 4],
  [4, 5],
  [6, 4],
  [6, 6],
] as const)
  test(`the interval of a ratio of medians of ${n} and ${m} samples is that of all resamples`, () => {
    const [x, y] = [samplesOf(n).map(each => 100 + each), samplesOf(m).map(each => 90 + 3 * each)]
    const others = [...allMedians(y)]
    const ratios = [...allMedians(x)].flatMap(([base, times]) =>
      others.map(([other, often]) => ({
        ratio: Math.log(other) - Math.log(base),
        count: times * often,
      })),
    )
    ratios.sort((a, b) => a.ratio - b.ratio)
    const all = ratios.reduce((sum, { count }) => sum + count, 0)
    const at = (share: number) => {
      let sum = 0
      return ratios.find(({ count }) => {
        sum += count
        return sum > share * all
      })?.ratio
    }
    const interval = medianRatioInterval(Float64Array.from(x), Float64Array.from(y))
    assert.ok(Math.abs((interval?.low ?? Number.NaN) - (at(0.025) ?? 0)) < 1e-12)
    assert.ok(Math.abs((interval?.high ?? Number.NaN) - (at(0.975) ?? 0)) < 1e-12)
  })

test('weights of any number sum to 1, of many merged', () => {
  for (const n of [20, 21, 40, 41, 150, 151, 400, 401, 402, 10_000]) {
    const weights = resampledMedianWeights(n)
    assert.ok(Math.abs(weights.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-5, String(n))
    assert.ok(weights.every(({ weight }) => weight >= 0))
    assert.ok(weights.length <= 600)
  }
})
