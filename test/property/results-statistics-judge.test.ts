import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import {
  type Judgement,
  judgeAgainstRuns,
  judgePairs,
  judgeUnpaired,
  type Verdict,
  verdictOf,
} from '../../results/compare/judge.ts'
import { detectableChange } from '../../results/compare/noise.ts'
import { dip } from '../../results/statistics/dip.ts'
import { holm } from '../../results/statistics/holm.ts'
import { lossDifference, lossInterval } from '../../results/statistics/loss.ts'
import { mannWhitney } from '../../results/statistics/rank-tests.ts'
import { noiseOf } from '../../results/statistics/ratios.ts'

/** Goodputs: few values, so that there are ties, and none at all now and then; or any. */
const sample = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 1e6, 1.02e6, 1.5e6, 2e6) },
  { weight: 2, arbitrary: fc.integer({ min: 1000, max: 1e9 }) },
)
const pairs = fc.array(fc.tuple(sample, sample), { minLength: 1, maxLength: 40 })
const set = fc.array(sample, { minLength: 1, maxLength: 40 })

const sides = (of: readonly (readonly [number, number])[]) =>
  [of.map(([base]) => base), of.map(([, other]) => other)] as const

const JUDGES: readonly (readonly [
  string,
  (base: readonly number[], other: readonly number[]) => Judgement | undefined,
])[] = [
  ['pairs', judgePairs],
  ['unpaired', judgeUnpaired],
  [
    'against runs',
    (base, other) => judgeAgainstRuns([base, base.slice(1), other.slice(0, 3), base.slice(2)], other),
  ],
]

const bothWays = { better: 'worse', worse: 'better', same: 'same' } as const

function verdict(judgement: Judgement, better: 'higher' | 'lower'): Verdict {
  return verdictOf(judgement, judgement.p, { delta: 0.05, better })
}

/** As near as rounding leaves it; infinite where the other is. */
function near(actual: number | undefined, expected: number | undefined): void {
  if (actual === expected) return
  assert.ok(actual !== undefined && expected !== undefined)
  assert.ok(Math.abs(actual / expected - 1) < 1e-9, `${actual} is not ${expected}`)
}

function nearJudgement(actual: Judgement | undefined, expected: Judgement | undefined): void {
  near(actual?.ratio, expected?.ratio)
  near(actual?.interval?.low, expected?.interval?.low)
  near(actual?.interval?.high, expected?.interval?.high)
  // Differences of nearly equal logarithms leave p few digits.
  assert.ok(Math.abs((actual?.p ?? 2) - (expected?.p ?? 2)) < 1e-6)
}

for (const [name, judge] of JUDGES) {
  it(`${name}: p is a probability, and the interval holds the ratio; none of them is NaN`, () => {
    fc.assert(
      fc.property(pairs, of => {
        const judgement = judge(...sides(of))
        if (!judgement) return
        const { ratio, interval, p } = judgement
        assert.ok(p !== undefined && p >= 0 && p <= 1, `p ${p}`)
        assert.ok(ratio >= 0)
        if (interval) assert.ok(interval.low <= ratio * (1 + 1e-12) && ratio <= interval.high * (1 + 1e-12))
      }),
    )
  })

  it(`${name}: another unit changes nothing`, () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: -20, max: 20 }), (of, power) => {
        const [base, other] = sides(of)
        const scaled = (samples: readonly number[]) => samples.map(each => each * 2 ** power)
        nearJudgement(judge(scaled(base), scaled(other)), judge(base, other))
      }),
    )
  })
}

for (const [name, judge] of JUDGES.slice(0, 2)) {
  it(`${name}: seen from the other side it is the same, turned round`, () => {
    fc.assert(
      fc.property(pairs, of => {
        const [base, other] = sides(of)
        const [there, back] = [judge(base, other), judge(other, base)]
        assert.ok(there && back)
        near(back.ratio, 1 / there.ratio)
        near(back.interval?.low, there.interval && 1 / there.interval.high)
        near(back.interval?.high, there.interval && 1 / there.interval.low)
        near(back.p, there.p)
        const seen = verdict(there, 'higher')
        if (seen in bothWays) assert.equal(verdict(back, 'higher'), bothWays[seen as keyof typeof bothWays])
        // Goodput and the time that it takes are the same fact.
        assert.equal(verdict(back, 'lower'), seen)
      }),
    )
  })

  it(`${name}: the order of rows is nothing to it`, () => {
    fc.assert(
      fc.property(pairs, fc.integer(), (of, seed) => {
        const turned = of.map((each, i) => [each, Math.sin(seed + i)] as const)
        const moved = turned.toSorted((a, b) => a[1] - b[1]).map(([each]) => each)
        nearJudgement(judge(...sides(moved)), judge(...sides(of)))
      }),
    )
  })

  it(`${name}: what is equal on both sides is never better or worse`, () => {
    fc.assert(
      fc.property(set, samples => {
        const judgement = judge(samples, samples)
        assert.equal(judgement?.ratio, 1)
        assert.ok(judgement && ['same', 'no evidence', 'inconclusive'].includes(verdict(judgement, 'higher')))
      }),
    )
  })
}

it('unpaired: each side in an order of its own', () => {
  fc.assert(
    fc.property(set, set, (base, other) => {
      assert.deepEqual(judgeUnpaired(base.toReversed(), other.toSorted()), judgeUnpaired(base, other))
    }),
  )
})

it('a slower other side is never judged better for it', () => {
  const order: readonly Verdict[] = ['worse', 'inconclusive', 'same', 'no evidence', 'better']
  const bad = (each: Verdict) => (order.indexOf(each) === 0 ? 0 : order.indexOf(each) === 4 ? 2 : 1)
  fc.assert(
    fc.property(pairs, fc.double({ min: 1, max: 3, noNaN: true }), (of, slower) => {
      const [base, other] = sides(of)
      const [before, after] = [
        judgePairs(base, other),
        judgePairs(
          base,
          other.map(each => each / slower),
        ),
      ]
      assert.ok(before && after)
      assert.ok(bad(verdict(after, 'higher')) <= bad(verdict(before, 'higher')))
    }),
  )
})

it('Holm raises each p, keeps their order, and leaves out what is not there', () => {
  const p = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined })
  fc.assert(
    fc.property(fc.array(p), ps => {
      const corrected = holm(ps)
      assert.equal(corrected.length, ps.length)
      const known = ps.filter(each => each !== undefined)
      for (const [i, before] of ps.entries()) {
        const after = corrected[i]
        assert.equal(after === undefined, before === undefined)
        if (before === undefined || after === undefined) continue
        assert.ok(after >= before && after <= Math.min(1, before * known.length))
        for (const [j, other] of ps.entries())
          if (other !== undefined && other <= before) assert.ok((corrected[j] ?? 2) <= after)
      }
      if (known.length > 0)
        near(
          Math.min(1, Math.min(...known) * known.length),
          Math.min(...corrected.filter(each => each !== undefined)),
        )
    }),
  )
})

it('U of both sides are all pairs, and exact and asymptotic p are not far apart', () => {
  const distinct = fc.uniqueArray(fc.double({ min: 1, max: 1e9, noNaN: true }), {
    minLength: 16,
    maxLength: 40,
  })
  fc.assert(
    fc.property(distinct, values => {
      const [x, y] = [values.slice(0, values.length >> 1), values.slice(values.length >> 1)]
      assert.equal((mannWhitney(x, y)?.u ?? 0) + (mannWhitney(y, x)?.u ?? 0), x.length * y.length)
      const [exact, normal] = [mannWhitney(x, y, 'exact')?.p ?? 2, mannWhitney(x, y, 'asymptotic')?.p ?? 0]
      assert.ok(exact > 0 && Math.abs(exact - normal) < 0.02, `${exact} ${normal}`)
    }),
  )
})

it('noise and what it hides scale with the logarithms, and mirror with them', () => {
  const logs = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(logs, fc.integer({ min: 6, max: 40 }), (ratios, rounds) => {
      const noise = noiseOf(ratios)
      assert.ok(noise !== undefined && noise >= 0 && noise <= 1)
      near(
        noiseOf(ratios.map(each => each / 2)),
        noise / 2 < 1e-8 ? noiseOf(ratios.map(each => each / 2)) : noise / 2,
      )
      const least = detectableChange(ratios, rounds)
      // Fewer do not tell how they spread.
      if (ratios.length < 6) return assert.equal(least, undefined)
      assert.ok(least !== undefined && least >= 0 && Number.isFinite(least))
      assert.ok((detectableChange(ratios, rounds, { cells: 3 }) ?? Number.POSITIVE_INFINITY) >= least)
    }),
    { numRuns: 30 },
  )
})

it('loss: shares lie in their intervals, and a difference turned round is its negative', () => {
  const trial = fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 900 })).map(([lost, accepted]) => ({
    lost: Math.min(lost, accepted),
    accepted,
  }))
  const trials = fc.array(trial, { minLength: 1, maxLength: 30 })
  const columns = (of: readonly { lost: number; accepted: number }[]) => ({
    lost: of.map(each => each.lost),
    accepted: of.map(each => each.accepted),
  })
  fc.assert(
    fc.property(trials, trials, (a, b) => {
      const [x, y] = [columns(a), columns(b)]
      const share = lossInterval(x.lost, x.accepted)
      assert.ok(share && share.interval.low >= 0 && share.interval.high <= 1)
      assert.ok(share.interval.low <= share.ratio && share.ratio <= share.interval.high)
      const [there, back] = [lossDifference(x, y), lossDifference(y, x)]
      assert.ok(there && back && there.p >= 0 && there.p <= 1)
      assert.ok(Math.abs(there.difference + back.difference) < 1e-12)
      assert.ok(Math.abs(there.interval.low + back.interval.high) < 1e-12)
      near(there.p, back.p)
      assert.ok(there.interval.low <= there.difference && there.difference <= there.interval.high)
    }),
  )
})

it('the dip is between 1 / 2n and 1 / 4, whatever the unit and the direction', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(values, samples => {
      const sorted = samples.toSorted((a, b) => a - b)
      const found = dip(sorted)
      assert.ok(
        found >= 1 / (2 * sorted.length) - 1e-12 && found <= Math.max(0.25, 1 / (2 * sorted.length)) + 1e-12,
      )
      near(dip(sorted.map(each => -each).toReversed()), found)
      near(dip(sorted.map(each => 4 * each - 3)), found)
    }),
  )
})
