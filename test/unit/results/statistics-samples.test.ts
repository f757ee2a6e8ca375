import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deltaFor, verdictOfLoss } from '../../../results/compare/judge.ts'
import { detectableChange } from '../../../results/compare/noise.ts'
import { modesOf } from '../../../results/statistics/bimodality.ts'
import { driftOf } from '../../../results/statistics/drift.ts'
import { lossDifference, lossInterval } from '../../../results/statistics/loss.ts'
import { noiseOf } from '../../../results/statistics/ratios.ts'

describe('noise', () => {
  const logs = Array.from({ length: 40 }, (_, i) => 0.08 * Math.sin(2.4 * i))

  it('is the standard error of the median, and three times that is the least effect', () => {
    assert.equal(noiseOf([0.1]), undefined)
    assert.equal(noiseOf([0.1, 0.1, 0.1]), 0)
    const noise = noiseOf(logs) ?? 0
    assert.ok(noise > 0.005 && noise < 0.05, `${noise}`)
    assert.equal(deltaFor(undefined), 0.05)
    assert.equal(deltaFor(0.01), 0.05)
    assert.equal(deltaFor(0.04), 0.12)
    assert.equal(deltaFor(0.001, 0.1), 0.1)
    const gone = noiseOf([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.ok(gone !== undefined && gone > 1 && Number.isFinite(gone))
  })

  it('hides less the more pairs there are, never less than delta, and no less when cells share a Holm correction', () => {
    const found = [6, 10, 20, 40, 100].map(pairs => detectableChange(logs, pairs) ?? Number.NaN)
    assert.deepEqual(
      found,
      found.toSorted((a, b) => b - a),
    )
    assert.ok(found.every(each => each >= 0.05))
    assert.ok((detectableChange(logs, 20, { cells: 200 }) ?? 0) >= (found[2] ?? 0))
    assert.equal(detectableChange(logs, 20, { cells: 100_000 }), undefined)
    assert.ok((detectableChange(logs, 20, { delta: 0.2 }) ?? 0) >= 0.2)
    assert.equal(detectableChange(logs, 5), undefined)
    assert.equal(detectableChange([], 20), undefined)
    // Few do not tell how they spread: a single one would say that there is no noise.
    for (const few of [[0.3], [0, 0, 0], [0.1, -0.1, 0.2, 0, 0.1]])
      assert.equal(detectableChange(few, 20), undefined)
    assert.ok(Math.abs((detectableChange([0, 0, 0, 0, 0, 0], 20) ?? 0) - 0.05) < 1e-12)
  })
})

describe('loss', () => {
  const accepted = Array(20).fill(800)

  it('that is spread evenly is as sure as its datagrams, in bursts as its trials', () => {
    const even = lossInterval(Array(20).fill(40), accepted)
    const bursts = lossInterval([800, ...Array(19).fill(0)], accepted)
    assert.equal(even?.ratio, 0.05)
    assert.equal(bursts?.ratio, 0.05)
    const width = (share: typeof even) => (share ? share.interval.high - share.interval.low : 0)
    assert.ok(width(even) < 0.01 && width(bursts) > 0.1)
  })

  it('of one trial is hardly known, of no datagram not at all', () => {
    const single = lossInterval([40], [800])
    assert.ok(single && single.interval.high > 0.5)
    assert.equal(lossInterval([], []), undefined)
    assert.equal(lossInterval([0], [0]), undefined)
    assert.equal(lossInterval([Number.NaN], [800]), undefined)
    assert.equal(lossInterval([Number.NaN, 8], [800, 800])?.trials, 1)
  })

  it('gets worse, better, or stays', () => {
    const none = { lost: Array(20).fill(0), accepted }
    const some = { lost: accepted.map((_, i) => 30 + i), accepted }
    const judge = (base: typeof none, other: typeof none) => {
      const found = lossDifference(base, other)
      assert.ok(found)
      return verdictOfLoss(found, found.p)
    }
    assert.equal(judge(none, some), 'worse')
    assert.equal(judge(some, none), 'better')
    assert.equal(judge(none, none), 'same')
    assert.equal(judge(some, some), 'same')
    assert.equal(judge(none, { lost: [700, ...Array(19).fill(0)], accepted }), 'inconclusive')
    assert.equal(judge({ lost: [0], accepted: [800] }, { lost: [400], accepted: [800] }), 'inconclusive')
  })
})

describe('what a median does not tell', () => {
  const noise = (i: number) => 1 + 0.02 * Math.sin(7.1 * i)

  it('are two modes, with the share of the quicker one', () => {
    const modes = modesOf(Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 1.8e9 : 1e9) * noise(i)))
    assert.ok(modes)
    assert.ok(Math.abs(modes.low / 1e9 - 1) < 0.02 && Math.abs(modes.high / 1.8e9 - 1) < 0.02)
    assert.ok(Math.abs(modes.highShare - 1 / 3) < 1e-9)
    assert.equal(modesOf(Array.from({ length: 30 }, (_, i) => 1e9 * noise(i))), undefined)
    assert.equal(modesOf(Array(30).fill(5)), undefined)
    // Two modes, but hardly apart; and too few samples to tell.
    assert.equal(
      modesOf(Array.from({ length: 30 }, (_, i) => (i % 2 ? 1.05 : 1) * (1 + 1e-4 * noise(i)))),
      undefined,
    )
    assert.equal(modesOf([1, 1.01, 1.02, 2, 2.01, 2.02]), undefined)
  })

  it('is drift from the first half to the second', () => {
    const rising = Array.from({ length: 20 }, (_, i) => (1 + 0.02 * i) * noise(i))
    assert.ok((driftOf(rising) ?? 0) > 0.1)
    assert.ok((driftOf(rising.toReversed()) ?? 0) < -0.1)
    assert.equal(driftOf(Array.from({ length: 20 }, (_, i) => noise(i))), undefined)
    assert.equal(driftOf([1, 2, 3, 4, 5, 6, 7, 8, 9]), undefined)
  })
})
