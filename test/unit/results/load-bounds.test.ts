import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as z from 'zod'
import {
  boundsOf,
  classifyLoad,
  conditionalThroughput,
  type LoadTrial,
  type SearchGoal,
} from '../../../results/statistics/load-bounds.ts'

const CASES = z
  .array(
    z.object({
      goal: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      trials: z.array(z.tuple([z.number(), z.number()])),
      class: z.enum(['lower bound', 'upper bound', 'undecided']),
      loss: z.number().nullable(),
    }),
  )
  .parse(
    JSON.parse(readFileSync(new URL('../../../../test/oracle/load-bounds.json', import.meta.url), 'utf8')),
  )

function goalOf([
  lossRatio,
  exceedRatio,
  finalTrialMs,
  durationSumMs,
]: (typeof CASES)[number]['goal']): SearchGoal {
  return { lossRatio, exceedRatio, finalTrialMs, durationSumMs, width: 0.005 }
}

function trialsOf(
  load: number,
  trials: readonly (readonly [durationMs: number, lossRatio: number])[],
): LoadTrial[] {
  return trials.map(([durationMs, lossRatio]) => ({ load, durationMs, effectiveMs: durationMs, lossRatio }))
}

describe('bounds of a load', () => {
  it('are those of an implementation from the text of RFC 9971, in fractions', () => {
    assert(CASES.length >= 200)
    for (const each of CASES) {
      const [trials, goal] = [trialsOf(1e6, each.trials), goalOf(each.goal)]
      assert.equal(classifyLoad(trials, goal), each.class, JSON.stringify(each))
      if (each.loss === null) continue
      const expected = 1e6 * (1 - each.loss)
      assert.ok(Math.abs(conditionalThroughput(1e6, trials, goal) - expected) < 1e-6, JSON.stringify(each))
    }
  })

  // "Example Search": its four goals at its six points in time.
  const [rfc2544, tst009, oneSecond, exceed20] = CASES.filter((_, at) => at % 40 === 0).map(each =>
    goalOf(each.goal),
  )
  const added: readonly (readonly [count: number, seconds: number, loss: number])[] = [
    [59, 1, 0],
    [1, 1, 0.01],
    [59, 1, 0.01],
    [1, 1, 0],
    [1, 60, 0.001],
    [1, 60, 0],
  ]
  const [U, L, _] = ['upper bound', 'lower bound', 'undecided'] as const
  for (const [goal, expected] of [
    [rfc2544, [_, U, U, U, U, U]],
    [tst009, [_, _, _, _, _, L]],
    [oneSecond, [_, _, _, L, L, L]],
    // Its table says "lower bound" at the last two points, beside exceed ratios of 43 and 27 %: by its own rule that is an upper bound.
    [exceed20, [_, _, U, U, U, U]],
  ] as const)
    it(`of the example of RFC 9971 with a sum of ${goal?.durationSumMs} ms, final trials of ${goal?.finalTrialMs} ms`, () => {
      assert(goal)
      const found = added.map((_, last) =>
        classifyLoad(
          trialsOf(
            1e6,
            added
              .slice(0, last + 1)
              .flatMap(([count, seconds, loss]) =>
                Array.from({ length: count }, () => [1000 * seconds, loss] as const),
              ),
          ),
          goal,
        ),
      )
      assert.deepEqual(found, expected)
    })

  it('are the lowest upper one, and the highest lower one below it', () => {
    const goal: SearchGoal = {
      lossRatio: 0,
      exceedRatio: 0.5,
      finalTrialMs: 1000,
      durationSumMs: 2000,
      width: 0.01,
    }
    const at = (load: number, lossRatio: number) =>
      trialsOf(load, [
        [1000, lossRatio],
        [1000, lossRatio],
      ])
    const trials = [
      ...at(9, 0),
      ...at(5, 0.1),
      ...at(3, 0),
      ...at(7, 0.2),
      ...at(1, 0),
      ...trialsOf(4, [[1000, 0]]),
    ]
    assert.deepEqual(boundsOf(trials, goal), { lower: 4, upper: 5, throughput: 4, decided: 6 })
    assert.deepEqual(boundsOf(trials.slice(2, 4), goal), {
      lower: undefined,
      upper: 5,
      throughput: undefined,
      decided: 1,
    })
    assert.deepEqual(boundsOf([], goal), {
      lower: undefined,
      upper: undefined,
      throughput: undefined,
      decided: 0,
    })
  })
})
