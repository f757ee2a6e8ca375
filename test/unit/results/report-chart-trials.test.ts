/** The chart of each trial: in the order in which they ran, and how many reached how much. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampled } from '../../../results/charts/case.ts'
import { charts, one } from '../../support/charts-of.ts'
import { chunkSweep, mainJob, rounds, stream } from '../../support/results-samples.ts'

describe('the chart of trials', () => {
  it('trials stand in the order in which they ran, those of a later run behind', () => {
    const later = mainJob().map(each => ({ ...each, run_id: '20260302T120000Z-efgh' }))
    const { spec } = one(charts([...later, ...mainJob()]), 'trials')
    assert(spec.kind === 'course')
    assert.equal(spec.y.unit, 'rate')
    assert.deepEqual(
      spec.lines[0]?.trials.map(([order]) => order),
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
  })

  it('of 20 trials or more: the share that reached at most so much', () => {
    const { spec, table } = one(charts(mainJob()), 'distribution')
    assert(spec.kind === 'course')
    assert.deepEqual(
      spec.lines.map(({ name, trials }) => [name, trials[0]?.[1], trials.at(-1)?.[1], trials.length]),
      ['tcp', 'udp-header', 'udp-marker'].map(name => [name, 0.05, 1, 20]),
    )
    for (const { trials } of spec.lines)
      assert.ok(trials.every(([bps], index) => index === 0 || bps >= (trials[index - 1]?.[0] ?? 0)))
    assert.equal(table?.rows.length, 3)
    assert.ok(!charts(rounds(19, () => stream(1e9))).some(each => each.kind === 'distribution'))
  })

  it('trials of several cases are shares of the median of their own', () => {
    const { spec } = one(charts(chunkSweep()), 'trials')
    assert(spec.kind === 'course')
    assert.equal(spec.y.unit, 'share')
    for (const { trials } of spec.lines) assert.ok(trials.every(([, value]) => value > 0.9 && value < 1.1))
  })

  it('of very many trials a sample is drawn, with the extremes, and it is told', () => {
    const many = rounds(5_000, (round, noise) => stream(round === 2_345 ? 9e9 : 1e9 * noise))
    const [chart] = charts(many)
    assert(chart?.spec.kind === 'cases')
    const [row] = chart.spec.rows
    assert.equal(row?.n, 5_000)
    assert.ok((row?.trials.length ?? 0) <= 3000 && row?.trials.includes(9e9))
    assert.match(JSON.stringify(chart.notes), /3,000 of 5,000 trials are drawn/)
    assert.deepEqual(sampled([5, 1, 2, 9, 3], 4, Number), [5, 1, 9, 3])
    const course = one(charts(many, mainJob()), 'trials').spec
    assert(course.kind === 'course')
    assert.ok(
      course.lines.every(line => line.trials.length <= 750 && line.trials.every(trial => trial.length === 3)),
    )
  })
})
