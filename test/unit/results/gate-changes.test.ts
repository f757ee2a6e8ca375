/** Results against a baseline: what is proven, what is a fact, what is doubtful, and what nobody can tell. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { METRICS } from '../../../results/compare/metrics.ts'
import { type Check, isSuspicious, verdictOfChecks } from '../../../results/gate/check.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { confirm, unconfirmed } from '../../../results/gate/confirm.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { changes, gateSet, runOf, tcp, told, udp } from '../../support/gate-samples.ts'
import { record, refused, rounds, stream } from '../../support/results-samples.ts'

describe('the figure of a metric', () => {
  const base = runOf(1, [tcp(1e9)])

  test('that is a fifth lower has failed, with all that proves it', () => {
    const { checks } = changes(base, runOf(2, [tcp(0.8e9)]))
    const [check] = checks.filter(each => each.kind === 'metric')
    assert(check)
    assert.equal(check.status, 'failed')
    assert.match(
      check.sentence,
      /^goodput fell by 20\.\d % \(95 %: −\d\d\.\d to −\d\d\.\d %\), from \S+ \S+bit\/s to \S+ Mbit\/s; p <0\.001, 20 trials$/,
    )
    const {
      base: before = 0,
      value = 0,
      change = 0,
      changeInterval,
      p = 1,
      pHolm,
      delta,
      count,
    } = check.figures
    assert(Math.abs(value / before - change) < 1e-9 && change < 0.85)
    assert(changeInterval && changeInterval.high < 1 && p < 0.001 && pHolm !== undefined)
    assert.equal(delta, 0.15)
    assert.equal(count, 20)
  })

  test('of two trials that say nothing has no interval in its sentence, but says so', () => {
    const sentence = (make: (round: number) => TrialRecord) =>
      changes(runOf(1, [tcp(1e9)], 2), runOf(2, [make], 2)).checks.find(each => each.kind === 'metric')
        ?.sentence
    const scattered = sentence(round => stream(round === 1 ? 3e9 : 0.1e9)) ?? ''
    assert.match(scattered, /; p 1\.00, 2 trials, too few to say anything about the ratio; use --repeat 20$/)
    assert.doesNotMatch(scattered, /95 %/)
    assert.match(sentence(() => stream(1.1e9)) ?? '', /\(95 %: .* trials$/)
  })

  test('that is a tenth lower passes a single run, and fails five', () => {
    const results = runOf(9, [tcp(0.9e9)])
    const statusOf = (runs: readonly TrialRecord[]) =>
      changes(runs, results).checks.find(each => each.kind === 'metric')?.status
    assert.notEqual(statusOf(base), 'failed')
    const five = [1, 0.995, 1.005, 1.002, 0.998].flatMap((factor, day) => runOf(day + 1, [tcp(1e9 * factor)]))
    assert.equal(statusOf(five), 'failed')
    const apart = [1, 0.8, 1.2, 0.9, 1.1].flatMap((factor, day) => runOf(day + 1, [tcp(1e9 * factor)]))
    assert.notEqual(statusOf(apart), 'failed')
  })

  test('that is the same, or better, has passed', () => {
    for (const factor of [1, 1.5]) {
      const { checks } = changes(base, runOf(2, [tcp(1e9 * factor)]))
      assert(checks.every(each => each.status === 'passed'))
    }
  })

  test('that plainly rose is not in doubt, however few processes stand behind it', () => {
    const inTwo = (day: number, ...levels: readonly [number, number]) =>
      runOf(day, [
        (round, noise) => {
          const process = round <= 10 ? 1 : 2
          return stream((levels[process - 1] ?? 0) * (1 + (noise - 1) / 5), { process })
        },
      ])
    const [low, high] = [inTwo(1, 2e9, 2.05e9), inTwo(2, 3e9, 3.6e9)]
    const metricOf = (a: readonly TrialRecord[], b: readonly TrialRecord[]) =>
      told(changes(a, b).checks, 'metric')
    assert.match(metricOf(low, high)[0] ?? '', /^passed: goodput rose by 62\.3 % \(95 %: −44\.7 to \+376 %\)/)
    // What fell so is in doubt, and so is a rise that may be chance, or one of single trials.
    assert.match(metricOf(high, low)[0] ?? '', /^inconclusive: goodput fell by/)
    const overlapping = inTwo(3, 1.5e9, 3.9e9)
    assert.match(metricOf(low, overlapping)[0] ?? '', /^inconclusive: goodput rose by/)
    const [one, other] = [runOf(1, [tcp(1e9)], 1), runOf(2, [tcp(2e9)], 1)]
    assert.match(metricOf(one, other)[0] ?? '', /^inconclusive: goodput rose by 100 %/)
  })

  test('that is of other metrics too is judged by each', () => {
    const all = METRICS.filter(each => each.name === 'goodput' || each.name === 'total')
    const results = runOf(2, [tcp(0.5e9)])
    const { checks } = checkChanges(gateSet(base), gateSet(results), { metrics: all, bySide: false })
    const [first, second] = told(checks, 'metric')
    assert.match(first ?? '', /^failed: goodput fell by/)
    assert.match(second ?? '', /^failed: total time rose by 100 %/)
  })

  test('that nobody has any more is told, unless a fact tells why', () => {
    const { checks } = changes(runOf(1, [udp(1e9, 0)]), runOf(2, [udp(1e9, 0, { goodput_bps: undefined })]))
    assert.match(told(checks, 'metric')[0] ?? '', /^inconclusive: no trial of the results has a goodput/)
    const { checks: explained } = changes(runOf(1, [udp(1e9, 0)]), runOf(2, [() => refused()]))
    assert.deepEqual(told(explained, 'metric'), [])
    assert.match(told(explained, 'refusal')[0] ?? '', /^failed/)
  })
})

describe('a metric that a case does not have', () => {
  const handshake = METRICS.filter(each => each.name === 'handshake')
  const judged = (makes: readonly ((round: number, noise: number) => TrialRecord)[]) =>
    checkChanges(gateSet(runOf(1, makes)), gateSet(runOf(2, makes)), { metrics: handshake, bySide: false })
      .checks

  test('is named as not judged, which is no success with --strict', () => {
    const checks = judged([tcp(1e9), udp(1e9, 0)])
    const found = checks
      .filter(each => each.kind === 'metric')
      .map(each => [each.cell?.transport, each.status])
    assert.deepEqual(found, [
      ['tcp', 'passed'],
      ['udp-header', 'skipped'],
    ])
    assert.deepEqual([verdictOfChecks(checks, false), verdictOfChecks(checks, true)], ['passed', 'failed'])
  })

  test('fails where none has it: what cannot fail guards nothing', () => {
    const checks = judged([udp(1e9, 0)])
    assert.equal(verdictOfChecks(checks, false), 'failed')
    assert.match(
      told(checks, 'metric').at(-1) ?? '',
      /^failed: no case has a handshake time, and a check that cannot fail/,
    )
    const all = checkChanges(gateSet(runOf(1, [tcp(1e9)])), gateSet(runOf(2, [tcp(1e9)])), {
      metrics: handshake,
      bySide: false,
    })
    assert(all.checks.every(each => each.status === 'passed'))
  })
})

test('pairs that say something else than the medians of their sides are told as such', () => {
  const [a, b] = [
    [1, 2, 3, 4, 100],
    [0.9, 1.8, 3.5, 4.4, 90],
  ].map((levels, index) =>
    levels.map((level, at) =>
      stream(level * 1e8, { side: index === 0 ? 'a' : 'b', round: at + 1, trial: 2 * at + index + 1 }),
    ),
  )
  const { checks } = changes(a ?? [], b ?? [], true)
  assert.match(
    told(checks, 'metric')[0] ?? '',
    /: goodput fell by 10\.0 % \(.*\) in the median pair, and the medians are 300 Mbit\/s and 350 Mbit\/s; p 1\.00, 5 pairs$/,
  )
})

test('processes that say something else than the medians of their trials are told as such', () => {
  // Four processes are slower by a tenth; in the fifth, which has most trials, both are faster, and B the more.
  const sideOf = (side: 'a' | 'b', day: number) =>
    runOf(day, [
      round => {
        const process = Math.min(5, Math.ceil(round / 2))
        const level = process < 5 ? (side === 'a' ? 1 : 0.9) + process / 1000 : side === 'a' ? 2 : 2.2
        return stream(level * 1e9 + round * 1e5, { process })
      },
    ])
  const { checks } = changes(sideOf('a', 1), sideOf('b', 2))
  assert.match(
    told(checks, 'metric')[0] ?? '',
    /: goodput fell by \d\.\d % \(.*\) from process to process, and the medians are 2\.00 Gbit\/s and 2\.20 Gbit\/s; /,
  )
})

test('sides are called A and B, and no baseline', () => {
  const ended = rounds(9, () => stream(1e9, { side: 'a' }))
  const failed = rounds(9, () => record({ side: 'b', outcome: 'failed', error_code: 'ECONNRESET' }))
  const { checks } = changes(ended, failed, true)
  assert.deepEqual(told(checks, 'failure'), [
    'failed: 9 of 9 trials failed (ECONNRESET); none of 9 trials did in A',
  ])
})

describe('trials that fail now and then', () => {
  const failing = (count: number) => (round: number, noise: number) =>
    round <= count ? record({ outcome: 'failed', error_code: 'ECONNRESET' }) : stream(1e9 * noise)
  const statusOf = (before: number, now: number) => {
    const { checks } = changes(runOf(1, [failing(before)]), runOf(2, [failing(now)]))
    return checks.find(each => each.kind === 'failure')?.status
  }

  test('are no excuse for those that fail much more often', () => {
    assert.equal(statusOf(0, 0), 'passed')
    assert.equal(statusOf(0, 1), 'failed')
    for (const now of [1, 2, 3]) assert.equal(statusOf(1, now), 'inconclusive')
    for (const now of [10, 15, 20]) assert.equal(statusOf(1, now), 'failed')
    assert.equal(statusOf(10, 1), 'inconclusive')
  })
})

describe('a suspect', () => {
  /** Side B of the first case is slower by a fifth in 15 of 20 rounds; of the others it is as quick. */
  const pairs = (cases: number): readonly TrialRecord[] =>
    Array.from({ length: cases }, (_, index) => ({ chunk_bytes: 1000 + index })).flatMap((values, index) =>
      (['a', 'b'] as const).flatMap(side =>
        rounds(20, (round, noise) => {
          const slower = index === 0 && side === 'b' ? (round <= 15 ? 0.8 : 1.01) : 1
          return stream(1e9 * noise * slower, { ...values, side })
        }),
      ),
    )
  const judged = (cases: number) => {
    const records = pairs(cases)
    const side = (which: 'a' | 'b') => records.filter(each => each.side === which)
    return changes(side('a'), side('b'), true).checks
  }

  test('is what would fail alone, and does not among many: it is measured again all the same', () => {
    const [alone] = judged(1)
    assert.equal(alone?.status, 'failed')
    const among = judged(8)
    assert.equal(among[0]?.status, 'inconclusive')
    assert.match(among[0]?.sentence ?? '', /alone it would be significant; among 8 rows it is not$/)
    for (const { sentence } of [alone, ...among.slice(1)].filter(each => each !== undefined))
      assert.doesNotMatch(sentence, /alone it would/)
    assert.deepEqual(
      among.filter(isSuspicious).map(each => each.cell?.chunk_bytes),
      [1000],
    )
  })

  test('has failed when it fails by the whole rule in the second look, and is inconclusive when it does not', () => {
    const among = judged(8)
    const [again] = judged(1)
    assert(again)
    const statusAfter = (fresh: readonly Check[]) => confirm(among, fresh)[0]?.status
    assert.equal(statusAfter([again]), 'failed')
    assert.equal(statusAfter([{ ...again, status: 'passed' }]), 'inconclusive')
    assert.equal(unconfirmed(among, 'the run was ended before')[0]?.status, 'inconclusive')
  })
})

describe('loss', () => {
  test('that has risen by points has failed', () => {
    const { checks } = changes(runOf(1, [udp(1e9, 8)]), runOf(2, [udp(1e9, 80)]))
    assert.deepEqual(
      told(checks, 'loss').map(each => each.split(' (')[0]),
      ['failed: loss rose from 1.00 % to 10.0 %, by +9.0'],
    )
  })

  test('of less than a point more has passed', () => {
    const { checks } = changes(runOf(1, [udp(1e9, 8)]), runOf(2, [udp(1e9, 12)]))
    assert.match(told(checks, 'loss')[0] ?? '', /^passed: loss rose from 1\.00 % to 1\.50 %/)
  })

  test('that is within what runs of the baseline differ by has passed', () => {
    const base = [8, 80, 120, 16, 160].flatMap((lost, day) => runOf(day + 1, [udp(1e9, lost)]))
    const { checks } = changes(base, runOf(9, [udp(1e9, 180)]))
    assert.match(told(checks, 'loss')[0] ?? '', /^passed: .*; runs of the baseline differ by as much$/)
    const outside = changes(base, runOf(9, [udp(1e9, 400)]))
    assert.match(told(outside.checks, 'loss')[0] ?? '', /^failed/)
  })

  test('has the least difference that counts among its figures: between runs a part of the loss', () => {
    const deltaOf = (a: number, b: number) =>
      changes(runOf(1, [udp(1e9, a)]), runOf(2, [udp(1e9, b)])).checks.find(each => each.kind === 'loss')
        ?.figures.delta
    assert.equal(deltaOf(8, 12), 0.01)
    assert.ok(Math.abs((deltaOf(400, 320) ?? 0) - 0.15 * 0.5) < 1e-9)
  })

  test('is no matter of streams', () => {
    assert.deepEqual(told(changes(runOf(1, [tcp(1e9)]), runOf(2, [tcp(1e9)])).checks, 'loss', 'refusal'), [])
  })
})

test('settings in which all of the results differ are compared, and told', () => {
  const base = runOf(1, [udp(1e9, 0, { rate_bps: 1e9 })])
  const { checks, settings } = changes(base, runOf(2, [udp(0.5e9, 0, { rate_bps: 5e8 })]))
  assert.match(told(checks, 'metric')[0] ?? '', /^failed: goodput fell by 50/)
  assert.deepEqual(settings, [{ column: 'rate_bps', values: [['1.00 Gbit/s'], ['500 Mbit/s']] }])
})

test('sides of one run are judged in pairs', () => {
  const side = (name: 'a' | 'b', factor: number) =>
    runOf(1, [(round, noise) => stream(1e9 * noise * (1 + 0.5 * Math.sin(round)) * factor, { side: name })])
  const { checks } = changes(side('a', 1), side('b', 0.93), true)
  assert.match(
    told(checks, 'metric')[0] ?? '',
    /^failed: goodput fell by 7\.0 % \(95 %: −7\.0 to −7\.0 %\), .*; p <0\.001, 20 pairs$/,
  )
})
