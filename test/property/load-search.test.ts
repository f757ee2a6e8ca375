import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../base/random.ts'
import { boundsOf, type LoadTrial, type SearchGoal } from '../../results/statistics/load-bounds.ts'
import { type LoadRange, nextLoad } from '../../results/statistics/load-search.ts'

const GOAL: SearchGoal = {
  lossRatio: 0,
  exceedRatio: 0.5,
  finalTrialMs: 1000,
  durationSumMs: 21_000,
  width: 0.005,
}
const GOALS = [GOAL, { ...GOAL, lossRatio: 0.005 }]
/** Twenty minutes. */
const MOST_TRIALS = 1200

function searched(range: LoadRange, lossAt: (load: number) => number): readonly LoadTrial[] {
  const trials: LoadTrial[] = []
  for (;;) {
    const load = nextLoad(trials, GOALS, range)
    if (load === undefined) return trials
    assert.ok(load >= range.least && load <= range.most, String(load))
    trials.push({ load, durationMs: 1000, effectiveMs: 1000, lossRatio: lossAt(load) })
    assert.ok(trials.length < MOST_TRIALS, 'it ends')
  }
}

describe('a search for the highest load', () => {
  it('finds what a bottleneck lets through, for every goal, within the width', () => {
    const range = fc.tuple(
      fc.double({ min: 3, max: 11, noNaN: true }),
      fc.double({ min: -1, max: 6, noNaN: true }),
    )
    fc.assert(
      fc.property(range, ([log, above]) => {
        const capacity = 10 ** log
        const search = { least: 100, most: capacity * 10 ** above }
        const trials = searched(search, load => Math.max(0, 1 - capacity / load))
        for (const goal of GOALS) {
          const { lower = 0, upper } = boundsOf(trials, goal)
          const highest = capacity / (1 - goal.lossRatio)
          if (search.most <= highest) assert.deepEqual([lower, upper], [search.most, undefined])
          else {
            assert.ok(upper !== undefined)
            assert.ok(lower <= highest && highest < upper, `${lower} ${highest} ${upper}`)
            assert.ok((upper - lower) / upper <= goal.width)
          }
        }
      }),
    )
  })

  it('ends on a path that is never without loss, and on one that loses by chance', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const random = seededRandom(seed)
        const trials = searched({ least: 1e3, most: 1e9 }, load =>
          random() < share ? 0.3 * random() : Math.max(0, 1 - 1e7 / load),
        )
        for (const { load } of trials) assert.ok(Number.isFinite(load))
      }),
      { numRuns: 50 },
    )
  })
})
