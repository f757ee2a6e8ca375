/** A trend and the figures for CI have the intervals that a comparison has: the processes count where they differ. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as z from 'zod'
import { compareSets } from '../../../results/compare/compare-sets.ts'
import { benchmarkJson } from '../../../results/gate/benchmark-json.ts'
import { trendOf } from '../../../results/history/trend.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { medianInterval } from '../../../results/statistics/medians.ts'
import type { Interval } from '../../../results/statistics/quantiles.ts'
import { gateSet } from '../../support/gate-samples.ts'
import { metricOf } from '../../support/history-samples.ts'
import { rounds, stream } from '../../support/results-samples.ts'

const metric = metricOf('goodput')
const figures = z.array(z.object({ name: z.string(), range: z.string().optional() }))

/** 48 rounds in 8 processes of these levels, or of a file that does not tell them. */
function run(levels: readonly number[], told = true): readonly TrialRecord[] {
  return rounds(48, (round, noise) => {
    const process = Math.ceil(round / 6)
    const level = levels[process - 1] ?? 1
    return stream(1e9 * noise * level, { process: told ? process : undefined })
  })
}

function intervals(records: readonly TrialRecord[]): Record<'compared' | 'plain', Interval | undefined> & {
  readonly trend: Interval | undefined
  readonly halfMbps: number
} {
  const set = gateSet(records)
  const [figure] = figures.parse(JSON.parse(benchmarkJson(set)))
  return {
    compared: compareSets([set, set], { metric }).rows[0]?.estimates[0]?.interval,
    plain: medianInterval(records.map(each => each.goodput_bps ?? Number.NaN)),
    trend: trendOf([set], { metric }).courses[0]?.cells[0]?.points[0]?.interval,
    halfMbps: Number(figure?.range?.replace('± ', '')),
  }
}

const half = (interval: Interval | undefined) => ((interval?.high ?? 0) - (interval?.low ?? 0)) / 2e6

describe('the interval of a trend and of --benchmark-json', () => {
  test('is wide where processes differ, as that of a comparison', () => {
    const { compared, plain, trend, halfMbps } = intervals(run([1, 1.3, 0.8, 1.15, 0.9, 1.2, 1.05, 0.85]))
    assert(half(compared) > 1.2 * half(plain))
    assert.deepEqual(trend, compared)
    assert(Math.abs(halfMbps - half(compared)) < 0.01, `${halfMbps}`)
  })

  test('is a range of fewer than six, and called so', () => {
    const set = gateSet(run([1, 1.3, 0.8, 1.15]).slice(0, 24))
    const [estimate] = compareSets([set, set], { metric }).rows[0]?.estimates ?? []
    assert.equal(estimate?.interval, undefined)
    assert.equal(estimate?.range?.of, 'processes')
    assert.match(benchmarkJson(set), /"extra": "median of 24 trials, processes: 8\d\d/)
    assert.match(benchmarkJson(gateSet(run([1]).slice(0, 3))), /"extra": "median of 3 trials, range: /)
    assert.equal(trendOf([set], { metric }).courses[0]?.cells[0]?.points[0]?.interval, undefined)
  })

  for (const [name, records] of [
    ['where they do not differ', run([1, 1, 1, 1, 1, 1, 1, 1])],
    ['where nobody knows them', run([1, 1.3, 0.8, 1.15], false)],
  ] as const)
    test(`is that of the trials ${name}`, () => {
      const { compared, plain, trend, halfMbps } = intervals(records)
      assert.deepEqual([compared, trend], [plain, plain])
      assert(Math.abs(halfMbps - half(plain)) < 0.01, `${halfMbps}`)
    })
})
