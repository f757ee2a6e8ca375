/** Processes as a unit above the trial: what differs between them is part of intervals and tests. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgePairs, judgeUnpaired, verdictOf } from '../../../results/compare/judge.ts'
import { medianInterval } from '../../../results/statistics/medians.ts'
import {
  estimateOver,
  levelBetween,
  levelOfProcesses,
  processesDiffer,
  splitBy,
} from '../../../results/statistics/processes.ts'

const RULE = { delta: 0.05, better: 'higher' } as const
const NUMBERS = Float64Array.from({ length: 24 }, (_, round) => Math.floor(round / 6))
/** Small differences, as many above as below, within each process. */
const WIGGLE = Array.from(
  { length: 24 },
  (_, round) => 1 + (round % 2 === 0 ? 0.004 : -0.004) * (1 + (round % 6)),
)

function sidesOf(levels: readonly number[]): readonly [number[], number[]] {
  return [WIGGLE.map(() => 100), WIGGLE.map((each, round) => 100 * each * (levels[NUMBERS[round] ?? 0] ?? 1))]
}

describe('pairs whose sides have processes of their own', () => {
  it('prove nothing that one of four processes contradicts, however many trials agree', () => {
    const [base, other] = sidesOf([1.4, 1.4, 1.4, 0.8])
    const alone = judgePairs(base, other)
    assert.equal(alone && verdictOf(alone, alone.p, RULE), 'better')
    const judged = judgePairs(base, other, { numbers: NUMBERS, shared: false })
    assert.equal(judged && verdictOf(judged, judged.p, RULE), 'inconclusive')
    assert.equal(judged?.basis, 'processes')
    assert.equal(judged?.n, 4)
    assert.ok((judged?.interval?.low ?? 1) < 1)
  })

  it('prove what all of them show', () => {
    const [base, other] = sidesOf([1.41, 1.4, 1.39, 1.4])
    const judged = judgePairs(base, other, { numbers: NUMBERS, shared: false })
    assert.equal(judged && verdictOf(judged, judged.p, RULE), 'better')
  })

  it('are judged by their trials where there is one process, or nobody knows', () => {
    const [base, other] = sidesOf([1.1, 1.1, 1.1, 1.1])
    const plain = judgePairs(base, other)
    for (const numbers of [NUMBERS.map(() => 1), NUMBERS.map(() => Number.NaN)])
      assert.deepEqual(judgePairs(base, other, { numbers, shared: false }), plain)
  })
})

describe('pairs whose sides share their processes', () => {
  it('are judged by their trials, unless ratios differ from process to process', () => {
    const [base, other] = sidesOf([1.1, 1.1, 1.1, 1.1])
    assert.deepEqual(judgePairs(base, other, { numbers: NUMBERS, shared: true }), judgePairs(base, other))
    const [left, right] = sidesOf([1.4, 1.2, 1.3, 0.9])
    assert.equal(judgePairs(left, right, { numbers: NUMBERS, shared: true })?.basis, 'processes')
  })

  it('do not prove what is less than three standard errors', () => {
    const base = WIGGLE.map(() => 100)
    const other = base.map((each, round) => each * (round % 5 === 0 ? 0.7 : 1.06 + 0.02 * (round % 7)))
    const judged = judgePairs(base, other)
    assert.ok(judged)
    assert.notEqual(verdictOf({ ...judged, error: undefined }, 0.001, RULE), 'inconclusive')
    assert.notEqual(verdictOf({ ...judged, error: 0.1 }, 0.001, RULE), 'better')
  })
})

describe('the level of processes', () => {
  it("is Student's of their medians", () => {
    // R: t.test(c(.1, .2, .4)): t = 2.6458, p-value = 0.1180, -0.1461 to 0.6128.
    const level = levelOfProcesses([[0.1], [0.2, 0.1, 9], [0.4]].map(each => Float64Array.from(each)))
    assert.ok(level)
    assert.ok(Math.abs(level.mean - 0.7 / 3) < 1e-9)
    assert.ok(Math.abs(level.p - 0.118) < 1e-3, `${level.p}`)
    assert.ok(Math.abs(level.interval.low + 0.1461) < 1e-3, `${level.interval.low}`)
    assert.ok(Math.abs(level.interval.high - 0.6128) < 1e-3, `${level.interval.high}`)
  })

  it('is unknown of one, and of no use where nothing arrived in some', () => {
    const [one, nothing] = [Float64Array.of(1, 2), Float64Array.of(Number.NEGATIVE_INFINITY)]
    assert.equal(levelOfProcesses([one]), undefined)
    assert.equal(levelBetween([one], [one, one]), undefined)
    const level = levelOfProcesses([one, nothing, one])
    assert.deepEqual(level?.interval, { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY })
    assert.equal(level?.p, 1)
  })

  it('between sides is of either order the same', () => {
    const groups = (levels: readonly number[]) => levels.map(each => Float64Array.of(each, each + 0.1))
    const [x, y] = [groups([1, 1.2, 1.1]), groups([1.5, 1.4])]
    const [there, back] = [levelBetween(x, y), levelBetween(y, x)]
    assert.ok(there && back)
    assert.equal(there.p, back.p)
    assert.ok(Math.abs(there.interval.low + back.interval.high) < 1e-12)
  })
})

describe('unpaired samples', () => {
  it('are judged by their processes where these differ', () => {
    const values = WIGGLE.map((each, round) => each * ([1, 1.5, 0.7, 1.2][NUMBERS[round] ?? 0] ?? 1))
    const twice = values.map(each => 1.25 * each)
    const known = { base: NUMBERS, other: NUMBERS }
    assert.equal(judgeUnpaired(values, twice, known)?.basis, 'processes')
    assert.equal(
      judgeUnpaired(
        WIGGLE,
        twice.map((_, at) => 1.25 * (WIGGLE[at] ?? 1)),
        known,
      )?.basis,
      'single',
    )
    assert.equal(judgeUnpaired(values, twice)?.basis, 'single')
  })
})

describe('the interval of a median', () => {
  const values = WIGGLE.map((each, round) => each * ([1, 1.5, 0.7, 1.2][NUMBERS[round] ?? 0] ?? 1))

  it('is that of the medians of processes where these differ', () => {
    const [plain, over] = [medianInterval(values), estimateOver(values, NUMBERS)?.range]
    assert.ok(plain && over)
    assert.equal(over.of, 'processes')
    assert.equal(estimateOver(values, NUMBERS)?.interval, undefined, 'four are too few for one')
    assert.ok(over.low < 0.71 && over.high > 1.49, `${over.low} ${over.high}`)
    assert.ok(plain.low > over.low && plain.high < over.high)
  })

  it('is as ever where they do not, where there is one, and where nobody knows', () => {
    assert.deepEqual(estimateOver(WIGGLE, NUMBERS)?.interval, medianInterval(WIGGLE))
    for (const numbers of [undefined, NUMBERS.map(() => 1), NUMBERS.map(() => Number.NaN)])
      assert.deepEqual(estimateOver(values, numbers)?.interval, medianInterval(values))
  })

  it('is a range of fewer than six trials, and neither of one', () => {
    for (const n of [2, 3, 4, 5]) {
      const samples = Array.from({ length: n }, (_, index) => index + 1)
      assert.deepEqual(estimateOver(samples, undefined), {
        ...{ n, median: (n + 1) / 2 },
        range: { low: 1, high: n, of: 'trials' },
      })
    }
    assert.deepEqual(estimateOver([7], undefined), { n: 1, median: 7 })
    assert.equal(estimateOver([], undefined), undefined)
    assert.deepEqual(Object.keys(estimateOver([1, 2, 3, 4, 5, 6], undefined) ?? {}), [
      'n',
      'median',
      'interval',
    ])
  })

  it('knows processes that differ from those that do not', () => {
    const groups = (samples: readonly number[]) => splitBy(samples, NUMBERS) ?? []
    assert.equal(groups(WIGGLE).length, 4)
    assert.ok(!processesDiffer(groups(WIGGLE)))
    assert.ok(processesDiffer(groups(values)))
    assert.ok(!processesDiffer(groups(WIGGLE.map(() => 1))), 'all the same')
    assert.ok(!processesDiffer([Float64Array.of(1), Float64Array.of(2)]), 'a trial each')
  })
})
