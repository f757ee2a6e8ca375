import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  DELTA_SINGLE_BASELINE,
  judgeAgainstRuns,
  judgePairs,
  judgeUnpaired,
  verdictOf,
} from '../../../results/compare/judge.ts'

const HIGHER = { delta: 0.05, better: 'higher' } as const
const LOWER = { delta: 0.05, better: 'lower' } as const

/** Twenty samples about `level`, 6 % apart at most, in an order of their own. */
const samples = (level: number, count = 20) =>
  Array.from({ length: count }, (_, i) => level * (1 + 0.03 * Math.sin(2.4 * i + level)))

function verdict(
  base: readonly number[],
  other: readonly number[],
  rule: typeof HIGHER | typeof LOWER = HIGHER,
) {
  const judgement = judgePairs(base, other)
  assert.ok(judgement)
  return verdictOf(judgement, judgement.p, rule)
}

describe('the rule', () => {
  it('proves a change for the worse and for the better, by what is better', () => {
    assert.equal(verdict(samples(100), samples(80)), 'worse')
    assert.equal(verdict(samples(100), samples(120)), 'better')
    assert.equal(verdict(samples(100), samples(80), LOWER), 'better')
    assert.equal(verdict(samples(100), samples(120), LOWER), 'worse')
  })

  it('calls a change below delta the same, even when there is no doubt about it', () => {
    const judgement = judgePairs(
      samples(100),
      samples(100).map(each => each * 0.98),
    )
    assert.ok(judgement?.interval && judgement.interval.high < 1 && (judgement.p ?? 1) < 1e-5)
    assert.equal(verdictOf(judgement, judgement.p, HIGHER), 'same')
  })

  it('takes a factor of 1 + delta either way', () => {
    const exact = (ratio: number) =>
      verdict(
        samples(100),
        samples(100).map(each => each * ratio),
      )
    assert.equal(exact(1 / 1.051), 'worse')
    assert.equal(exact(1 / 1.049), 'same')
    assert.equal(exact(1.051), 'better')
  })

  it('needs Holm too', () => {
    const judgement = judgePairs(samples(100), samples(80))
    assert.ok(judgement)
    assert.equal(verdictOf(judgement, 0.06, HIGHER), 'inconclusive')
    assert.equal(verdictOf(judgement, undefined, HIGHER), 'inconclusive')
  })

  it('is inconclusive when a change for the worse of delta can be neither proven nor excluded', () => {
    const wide = samples(100).map((each, i) => each * (i % 2 === 0 ? 0.9 : 1.12))
    assert.equal(verdict(samples(100), wide), 'inconclusive')
    assert.equal(verdict(samples(100), wide, LOWER), 'inconclusive')
  })

  it('has no evidence when only a change for the better may be there', () => {
    const maybe = samples(100).map((each, i) => each * (i % 5 < 2 ? 0.99 : 1.08))
    assert.equal(verdict(samples(100), maybe), 'no evidence')
    assert.equal(verdict(samples(100), maybe, LOWER), 'inconclusive')
  })
})

describe('few and odd samples', () => {
  it('prove nothing with one to five pairs, however clear', () => {
    for (let n = 1; n <= 5; n++) {
      const judgement = judgePairs(samples(100, n), samples(50, n))
      assert.ok(Math.abs((judgement?.p ?? 0) - 2 ** (1 - n)) < 1e-12)
      assert.equal(verdict(samples(100, n), samples(50, n)), 'inconclusive')
    }
    assert.equal(verdict(samples(100, 6), samples(50, 6)), 'worse')
    // Nor that nothing changed, where they differ by 2 %.
    assert.equal(verdict([100, 101], [102, 101]), 'inconclusive')
    assert.equal(verdict([100, 101, 102, 103], [100.1, 101, 102.1, 102.9]), 'same')
  })

  it('of one pair have no interval, and of none there is no judgement', () => {
    assert.equal(judgePairs([1], [2])?.interval, undefined)
    assert.equal(judgeUnpaired([1], [2, 3])?.interval, undefined)
    assert.equal(judgePairs([], []), undefined)
    assert.equal(judgePairs([Number.NaN], [1]), undefined)
    assert.equal(judgeUnpaired([], [1]), undefined)
    assert.equal(judgeAgainstRuns([[1, 2]], [1]), undefined)
    assert.equal(judgeAgainstRuns([[1], [2], [3]], []), undefined)
  })

  it('that are all equal are the same', () => {
    for (const judge of [judgePairs, judgeUnpaired]) {
      for (const n of [2, 3, 20]) {
        const judgement = judge(Array(n).fill(7), Array(n).fill(7))
        assert.deepEqual(judgement?.interval, { low: 1, high: 1 })
        assert.equal(judgement?.p, 1)
        assert.equal(judgement && verdictOf(judgement, judgement.p, HIGHER), 'same')
      }
    }
    const runs = judgeAgainstRuns([[7, 7], [7], [7], [7], [7]], [7])
    assert.equal(runs && verdictOf(runs, runs.p, HIGHER), 'same')
  })

  it('that are constant on both sides and differ are proven', () => {
    assert.equal(verdict(Array(20).fill(7), Array(20).fill(6)), 'worse')
    const unpaired = judgeUnpaired(Array(20).fill(7), Array(20).fill(6))
    assert.equal(unpaired && verdictOf(unpaired, unpaired.p, HIGHER), 'worse')
    const runs = judgeAgainstRuns(Array(5).fill([7, 7, 7]), [6, 6, 6])
    assert.equal(runs && verdictOf(runs, runs.p, HIGHER), 'worse')
  })

  it('leave out pairs of which one is not a number', () => {
    const judgement = judgePairs([1, Number.NaN, 2, 3], [1, 5, Number.NaN, 3])
    assert.equal(judgement?.n, 2)
    assert.equal(judgeUnpaired([1, Number.NaN, 2], [3, 4, 5])?.n, 2)
  })
})

describe('trials in which nothing arrived', () => {
  const nothing = Array(20).fill(0)

  it('count as the largest change of all, and never give NaN', () => {
    const gone = judgePairs(samples(100), nothing)
    assert.deepEqual([gone?.ratio, gone?.interval?.low, gone?.interval?.high], [0, 0, 0])
    assert.equal(verdict(samples(100), nothing), 'worse')
    assert.equal(verdict(nothing, samples(100)), 'better')
    assert.equal(verdict(nothing, nothing), 'same')
    const unpaired = judgeUnpaired(samples(100), nothing)
    assert.equal(unpaired && verdictOf(unpaired, unpaired.p, HIGHER), 'worse')
  })

  it('are single samples when they are few', () => {
    const other = samples(100).map((each, i) => (i % 7 === 3 ? 0 : each))
    const judgement = judgePairs(samples(100), other)
    assert.equal(judgement?.ratio, 1)
    assert.ok((judgement?.p ?? 0) > 0.2)
    for (const each of [
      judgePairs([0, 0, 5], [5, 0, 0]),
      judgePairs([0, 5], [5, 0]),
      judgeUnpaired([0, 5], [5, 0]),
    ])
      assert.ok(
        each?.interval &&
          !Number.isNaN(each.ratio + (each.p ?? 0)) &&
          each.interval.low <= each.interval.high,
      )
  })

  it('make a whole run that is proven to be worse, unless runs of the base are like it', () => {
    const runs = [...Array(5).keys()].map(i => samples(100 + i))
    const gone = judgeAgainstRuns(runs, nothing)
    assert.equal(gone?.ratio, 0)
    assert.equal(gone && verdictOf(gone, gone.p, HIGHER), 'worse')
    const back = judgeAgainstRuns(Array(5).fill(nothing), samples(100))
    assert.equal(back && verdictOf(back, back.p, HIGHER), 'better')
    const once = judgeAgainstRuns([...runs, nothing], samples(100))
    assert.equal(once?.p, 1)
    assert.ok(once && Number.isFinite(once.ratio))
    assert.equal(verdictOf(once, once.p, HIGHER), 'inconclusive')
  })
})

describe('a run against several', () => {
  const runs = [98, 103, 100, 95, 104].map(level => samples(level))

  it('is proven beyond what runs differ, and not within', () => {
    const at = (level: number) => {
      const judgement = judgeAgainstRuns(runs, samples(level))
      return judgement && verdictOf(judgement, judgement.p, HIGHER)
    }
    assert.equal(at(70), 'worse')
    assert.equal(at(92), 'inconclusive')
    assert.equal(at(140), 'better')
    // A single one of them would have been sure.
    const single = judgeUnpaired(samples(104), samples(92))
    assert.equal(single && verdictOf(single, single.p, HIGHER), 'worse')
    const rule = { ...HIGHER, delta: DELTA_SINGLE_BASELINE }
    assert.equal(single && verdictOf(single, single.p, rule), 'inconclusive')
  })

  it('has a wider interval with fewer trials', () => {
    const noisy = runs.map(run => run.map((each, i) => each * (1 + 0.2 * Math.cos(5 * i))))
    const width = (count: number) => {
      const { interval } = judgeAgainstRuns(noisy, noisy[0]?.slice(0, count) ?? []) ?? {}
      assert.ok(interval)
      return Math.log(interval.high / interval.low)
    }
    assert.ok(width(2) > width(8) && width(8) > width(20))
  })
})
