import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as z from 'zod'
import { seededRandom } from '../../../base/random.ts'
import { changePoints, MIN_SAMPLES } from '../../../results/statistics/change-points.ts'

/** What test/oracle/change_points.py found, straight from the paper and with another generator. */
const ORACLE = z
  .array(
    z.object({
      name: z.string(),
      samples: z.array(z.number()),
      changes: z.array(z.object({ at: z.int(), p: z.number() })),
    }),
  )
  .parse(
    JSON.parse(readFileSync(new URL('../../../../test/oracle/change-points.json', import.meta.url), 'utf8')),
  )

/** What e.divisive of R's package ecp found in the same series (sig.lvl 0.01, R 999, min.size 3). */
const ECP: Readonly<Record<string, readonly number[]>> = {
  noise: [],
  'a step of 20% after 20 runs': [20],
  'half of it after 6 runs': [6],
  'down and back again': [15, 25],
  'a staircase': [12, 21, 35],
  'outliers, no step': [],
  'a step with heavy tails': [25],
  'the last 3 of 30': [27],
  '5 and 5': [5],
  'few values, many ties': [22],
}

for (const { name, samples, changes } of ORACLE) {
  test(`${name}: the change points of the paper’s own sums, and of ecp`, () => {
    const found = changePoints(samples)
    const places = found.map(each => each.at)
    assert.deepEqual(places, ECP[name])
    // 5 and 5 stand at p = 2/252, where 999 orders may count 10 or 11 of a thousand.
    if (name !== '5 and 5')
      assert.deepEqual(
        places,
        changes.map(each => each.at).sort((a, b) => a - b),
      )
    for (const { at, p } of changes) {
      const ours = found.find(each => each.at === at)?.p ?? Number.NaN
      assert.ok(Math.abs(ours - p) < 0.005, `p at ${at}: ${ours}, ${p}`)
    }
  })
}

test('of 5 and 5 samples the p is that of the exact test, 2 of 252 partitions', () => {
  const samples = [1, 2, 3, 4, 5, 101, 102, 103, 104, 105].map(Math.log)
  const [found] = changePoints(samples, { permutations: 99_999 })
  assert.equal(found?.at, 5)
  assert.ok(Math.abs((found?.p ?? 1) - 2 / 252) < 0.001, `${found?.p}`)
})

test('with fewer samples than MIN_SAMPLES nothing can be significant, however clear the step', () => {
  for (let before = 0; before < MIN_SAMPLES; before++) {
    const samples = Array.from({ length: MIN_SAMPLES - 1 }, (_, i) => (i < before ? 0 : 100) + i * 0.01)
    assert.deepEqual(changePoints(samples), [])
  }
})

test('in noise fewer than 3 of 100 series have a change point, whatever the noise', () => {
  const random = seededRandom(5)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const noises = {
    normal: () => 0.05 * normal(),
    'heavy tails': () => (0.03 * normal()) / Math.hypot(normal(), normal()),
    'two modes': () => (random() < 0.3 ? -0.15 : 0) + 0.02 * normal(),
  }
  for (const [name, noise] of Object.entries(noises)) {
    const alarms = Array.from({ length: 100 }, (_, seed) => {
      const series = Array.from({ length: 30 }, noise)
      return changePoints(series, { seed, permutations: 999 }).length
    }).filter(count => count > 0).length
    assert.ok(alarms < 3, `${name}: ${alarms} of 100`)
  }
})

test('a step of 20% among 20 and 20 runs with 5% of noise is found, at its place or one beside it', () => {
  const random = seededRandom(6)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  for (let seed = 0; seed < 40; seed++) {
    const series = Array.from({ length: 40 }, (_, i) => 0.05 * normal() + (i < 20 ? 0 : Math.log(0.8)))
    const found = changePoints(series, { seed, permutations: 999 })
    assert.ok(
      found.some(each => Math.abs(each.at - 20) <= 1),
      `seed ${seed}: ${JSON.stringify(found)}`,
    )
  }
})
