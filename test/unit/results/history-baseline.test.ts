import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { historyBaseline } from '../../../results/history/baseline.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { trialSet } from '../../../results/read/trial-set-builder.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { metricOf, runOf, runValues } from '../../support/history-samples.ts'
import { refusedHeader, rounds, stream } from '../../support/results-samples.ts'

const metrics = [metricOf('goodput')]
const setOf = (records: readonly TrialRecord[]) => trialSet(records[0]?.run_id ?? '', records, gateColumns())
const runs = (levels: readonly number[], values: Partial<TrialRecord> = {}) =>
  levels.map((level, index) => setOf(runOf(index, level, values)))
const times = (count: number, level: number) => new Array<number>(count).fill(level)

/** Days (from 0) of the runs in which the baseline has this transport. */
function days(set: TrialSet, transport: string): readonly number[] {
  const cell = set.cells.find(each => each.cell.transport === transport)
  const indexes = new Set(cell?.runs)
  return set.runs.filter((_, index) => indexes.has(index)).map(run => Number(run.startedAt.slice(8, 10)) - 1)
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

describe('the baseline of a history', () => {
  test('of four runs there is none, and it is told how many there are', () => {
    const { set, cells } = historyBaseline(setOf(runOf(4)), runs(times(4, 1)), { metrics })
    assert.deepEqual([set.cells, set.runs], [[], []])
    assert.deepEqual(
      cells.map(each => each.runs),
      [4, 4],
    )
  })

  test('runs in which a case never got through are no part of it, and fail', () => {
    const dead = (index: number) =>
      runOf(index).map(each =>
        each.transport === 'udp-header'
          ? refusedHeader({ ...runValues(index), round: each.round, trial: each.trial })
          : each,
      )
    const all = [...runs(times(8, 1)), setOf(dead(8)), setOf(dead(9))]
    const results = setOf(dead(10))
    const { set } = historyBaseline(results, all, { metrics })
    assert.deepEqual(days(set, 'udp-header'), range(0, 8))
    const { checks } = checkChanges(set, results, { metrics, bySide: false })
    assert.deepEqual(
      checks.filter(each => each.status === 'failed').map(each => each.sentence),
      ['none of 5 trials delivered (EPERM); all 40 trials did in the baseline'],
    )
  })

  test('it is the last ten runs', () => {
    const { set, cells } = historyBaseline(setOf(runOf(23)), runs(times(23, 1)), { metrics })
    for (const transport of ['tcp', 'udp-header']) assert.deepEqual(days(set, transport), range(13, 23))
    assert.deepEqual(
      cells.map(each => [each.runs, each.worse]),
      [
        [10, []],
        [10, []],
      ],
    )
  })

  test('a regression that stays is never a part of it, of the cell that it is in, and keeps failing', () => {
    for (const worse of [1, 2, 3, 8, 20]) {
      const all = runs([...times(8, 1), ...times(worse, 0.7)])
      const results = setOf(runOf(8 + worse, 0.7))
      const { set, cells } = historyBaseline(results, all, { metrics })
      assert.deepEqual(days(set, 'udp-header'), range(0, 8), `${worse} runs`)
      assert.deepEqual(days(set, 'tcp'), range(Math.max(0, worse - 2), 8 + worse), `${worse} runs`)
      const of = cells.find(({ cell }) => cell.transport === 'udp-header')
      assert.deepEqual(
        of?.worse.map(run => run.id),
        range(8, 8 + worse).map(each => runValues(each).run_id),
      )
      const failed = checkChanges(set, results, { metrics, bySide: false }).checks.filter(
        each => each.status === 'failed',
      )
      assert.deepEqual(
        failed.map(each => [each.cell?.transport, each.kind]),
        [['udp-header', 'metric']],
        `${worse} runs`,
      )
    }
  })

  test('when it is mended, the runs between are left out still, and nothing is told of them any more', () => {
    const all = runs([...times(8, 1), ...times(3, 0.7), ...times(2, 1)])
    const { set, cells } = historyBaseline(setOf(runOf(13)), all, { metrics })
    assert.deepEqual(days(set, 'udp-header'), [...range(0, 8), 11, 12])
    assert.deepEqual(
      cells.map(each => each.worse),
      [[], []],
    )
  })

  test('what became better is held to that, once five runs are: a return to what was is a regression', () => {
    const all = runs([...times(15, 1), ...times(6, 1.5)])
    const results = setOf(runOf(21))
    const { set } = historyBaseline(results, all, { metrics })
    assert.deepEqual(days(set, 'udp-header'), range(15, 21))
    assert.deepEqual(days(set, 'tcp'), range(11, 21))
    const { checks } = checkChanges(set, results, { metrics, bySide: false })
    assert.ok(checks.some(each => each.status === 'failed' && each.cell?.transport === 'udp-header'))
  })

  test('runs of other machines are counted and left out, unless any will do', () => {
    const other = runs(times(6, 0.5), { cpu_model: 'Other CPU' })
    const own = range(6, 12).map(index => setOf(runOf(index)))
    const results = setOf(runOf(12))
    const { set, others } = historyBaseline(results, [...other, ...own], { metrics })
    assert.deepEqual([days(set, 'tcp'), others], [range(6, 12), 6])
    const any = historyBaseline(results, [...other, ...own], { metrics, anyEnvironment: true })
    assert.deepEqual([days(any.set, 'tcp'), any.others], [range(2, 12), 0])
  })

  test('the results themselves and what came after them are no part of it', () => {
    const all = runs(times(20, 1))
    const { set } = historyBaseline(all[9] ?? setOf([]), all, { metrics })
    assert.deepEqual(days(set, 'tcp'), range(0, 9))
  })

  test('only cells of the results are in it, each with the runs that have it', () => {
    const all = range(0, 12).map(index =>
      setOf(index % 2 === 0 ? runOf(index) : runOf(index).filter(each => each.transport === 'tcp')),
    )
    const values = runValues(12)
    const results = setOf([
      ...rounds(5, () => stream(1.5e9, values)),
      ...rounds(5, () => stream(1.5e9, { ...values, chunk_bytes: 512 })),
    ])
    const { set, cells } = historyBaseline(results, all, { metrics })
    assert.deepEqual(
      set.cells.map(({ cell }) => [cell.transport, cell.chunk_bytes]),
      [['tcp', 1024]],
    )
    assert.deepEqual(
      cells.map(each => [each.cell.chunk_bytes, each.runs]),
      [
        [512, 0],
        [1024, 10],
      ],
    )
  })
})
