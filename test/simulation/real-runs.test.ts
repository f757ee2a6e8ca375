/** Real runs of equal sides, kept: what the rule says of them, and that a synthetic machine is like theirs. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as z from 'zod'
import { judgePairs, verdictOf } from '../../results/compare/judge.ts'
import { holm } from '../../results/statistics/holm.ts'
import { processesDiffer, splitBy } from '../../results/statistics/processes.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { logRatios } from '../../results/statistics/ratios.ts'
import { medianAbsoluteDeviation } from '../support/spread.ts'
import { experiment } from './experiments.ts'
import { LOADED } from './noise.ts'

const { runs } = z
  .object({
    runs: z.array(
      z.object({
        shared: z.boolean(),
        processes: z.array(z.number()),
        log_ratios: z.record(z.string(), z.array(z.number())),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../test/simulation/real-runs.json', import.meta.url), 'utf8')),
  )

test('no difference is found between equal sides', () => {
  for (const { shared, processes, log_ratios } of runs) {
    const judged = Object.values(log_ratios).map(ratios =>
      judgePairs(
        ratios.map(() => 1),
        ratios.map(Math.exp),
        { numbers: processes, shared },
      ),
    )
    const corrected = holm(judged.map(each => each?.p))
    for (const [index, each] of judged.entries()) {
      assert.ok(each)
      const verdict = verdictOf(each, corrected[index], { delta: 0.05, better: 'higher' })
      assert.ok(verdict !== 'better' && verdict !== 'worse', `${verdict} ${each.ratio}`)
    }
  }
})

test('ratios of shared processes do not differ from process to process more often than by chance', () => {
  const cells = runs
    .filter(run => run.shared)
    .flatMap(run => Object.values(run.log_ratios).map(ratios => splitBy(ratios, run.processes) ?? []))
  assert.ok(cells.length >= 30)
  assert.ok(cells.filter(groups => processesDiffer(groups)).length <= 0.1 * cells.length)
})

test('pairs of the loaded synthetic machine spread as those of the real one', () => {
  const spread = (ratios: readonly (readonly number[] | Float64Array)[]) =>
    median(ratios.map(medianAbsoluteDeviation)) ?? 0
  const real = spread(runs.flatMap(run => Object.values(run.log_ratios)))
  const synthetic = spread(
    Array.from({ length: 200 }, (_, seed) =>
      experiment(seed, { model: LOADED, cells: 1, slower: 1 })
        .interleaved(24)
        .map(({ base, other }) => logRatios(base, other)),
    ).flat(),
  )
  assert.ok(Math.abs(Math.log(synthetic / real)) < Math.log(1.25), `${synthetic} ${real}`)
})
