/** Facts need no statistics: a size that is refused now, damage, failed trials, a case that no longer works. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isSuspicious } from '../../../results/gate/check.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { changes, runOf, tcp, told, udp } from '../../support/gate-samples.ts'
import {
  datagrams,
  headerLost,
  record,
  refused,
  refusedHeader,
  rounds,
  stream,
} from '../../support/results-samples.ts'

describe('facts', () => {
  const sized = (chunk_bytes: number) => ({ chunk_bytes, size_bytes: 655_080 })

  test('a size refused that was accepted before', () => {
    const base = runOf(1, [udp(1e9, 0, sized(9216))])
    const { checks } = changes(
      base,
      runOf(2, [() => refused({ ...sized(9216), refused_datagram_bytes: 9216 })]),
    )
    assert.deepEqual(told(checks, 'refusal'), [
      "failed: a datagram of 9,216 B was refused (EMSGSIZE); the baseline's system took 9,216 B",
    ])
  })

  test('a size refused that is below one accepted before, in another case', () => {
    const base = runOf(1, [udp(1e9, 0, sized(1024)), udp(1e9, 0, sized(65_507))])
    const results = runOf(2, [
      udp(1e9, 0, sized(1024)),
      () => refused({ ...sized(9217), refused_datagram_bytes: 9217 }),
    ])
    const { checks, fresh } = changes(base, results)
    assert.deepEqual(
      fresh.map(each => each.chunk_bytes),
      [9217],
    )
    const [failed] = checks.filter(each => each.status === 'failed')
    assert.equal(failed?.cell?.chunk_bytes, 9217)
    assert.match(
      failed?.sentence ?? '',
      /9,217 B was refused \(EMSGSIZE\); the baseline's system took 65,507 B/,
    )
    assert.match(
      told(checks, 'missing')[0] ?? '',
      /^inconclusive: the baseline has 20 trials of it, and the results/,
    )
  })

  test('a size refused before too is no news', () => {
    const over = { ...sized(65_508), refused_datagram_bytes: 65_508 }
    const both = (day: number) => runOf(day, [() => refused(over), udp(1e9, 0, sized(65_507))])
    const { checks } = changes(both(1), both(2))
    assert(checks.every(each => each.status === 'passed'))
    assert(told(checks, 'refusal').some(each => each.includes('as the baseline took no more than 65,507 B')))
  })

  test('failed trials and damage, unless they were there before', () => {
    const broken = (day: number) =>
      runOf(day, [
        (round, noise) =>
          round === 1
            ? record({ outcome: 'failed', error_code: 'DAMAGED' })
            : round === 2
              ? record({ outcome: 'timed-out', error_code: 'TIMEOUT' })
              : stream(1e9 * noise),
      ])
    const { checks } = changes(runOf(1, [tcp(1e9)]), broken(2))
    assert.deepEqual(told(checks, 'failure', 'damage'), [
      'failed: 2 of 20 trials failed (DAMAGED, TIMEOUT); none of 20 trials did in the baseline',
      'failed: 1 of 20 trials arrived damaged; none of 20 trials did in the baseline',
    ])
    const again = changes(broken(1), broken(2))
    assert.deepEqual(
      told(again.checks, 'failure', 'damage').map(each => each.split(':')[0]),
      ['inconclusive', 'inconclusive'],
    )
  })

  test('a case that is not in the baseline is judged by facts', () => {
    const { checks, fresh } = changes(runOf(1, [tcp(1e9)]), [
      ...runOf(2, [tcp(1e9), udp(1e9, 0)]),
      ...rounds(1, () =>
        record({ transport: 'udp-marker', outcome: 'failed', run_id: '20261102T120000Z-abcd' }),
      ),
    ])
    assert.deepEqual(
      fresh.map(each => each.transport),
      ['udp-header', 'udp-marker'],
    )
    assert.deepEqual(
      told(checks, 'failure').filter(each => each.startsWith('failed')),
      ['failed: 1 of 1 trial failed'],
    )
  })
})

describe('a case that worked', () => {
  const dead = () => refusedHeader()
  const headerless = () => headerLost()
  const part = (make: () => TrialRecord, count: number) => (round: number, noise: number) =>
    round <= count ? make() : datagrams(1e9 * noise)
  const delivery = (before: readonly TrialRecord[], now: readonly TrialRecord[], bySide = false) =>
    told(changes(before, now, bySide).checks, 'delivery')
  const base = runOf(1, [udp(1e9, 0)], 6)

  test('and never does has failed, with why', () => {
    assert.deepEqual(delivery(base, runOf(2, [dead], 6)), [
      'failed: none of 6 trials delivered (EPERM); all 6 trials did in the baseline',
    ])
    assert.deepEqual(delivery(base, runOf(2, [headerless], 6)), [
      'failed: none of 6 trials delivered (HEADER_LOST); all 6 trials did in the baseline',
    ])
    const nothing = runOf(2, [() => datagrams(0, 800, { bytes_delivered: 0 })], 6)
    assert.deepEqual(delivery(base, nothing), [
      'failed: none of 6 trials delivered (nothing arrived); all 6 trials did in the baseline',
    ])
    const once = delivery(runOf(1, [udp(1e9, 0)], 1), runOf(2, [dead], 1))
    assert.match(once[0] ?? '', /^failed: none of 1 trial delivered/)
  })

  test('and does much more seldom has failed, and once less has not', () => {
    assert.match(
      delivery(base, runOf(2, [part(dead, 5)], 6))[0] ?? '',
      /^failed: 1 of 6 trials delivered \(EPERM\)/,
    )
    assert.deepEqual(delivery(base, runOf(2, [part(headerless, 1)], 6)), ['passed: 5 of 6 trials delivered'])
  })

  test('and never completes any more has failed, which is looked at twice', () => {
    const { checks } = changes(base, runOf(2, [udp(1e9, 1)], 6))
    const [check] = checks.filter(each => each.kind === 'delivery')
    assert.equal(
      `${check?.status}: ${check?.sentence}`,
      'failed: none of 6 trials completed; all of 6 did in the baseline',
    )
    assert(check && isSuspicious(check))
    // Some do: that is a matter of loss.
    assert.match(
      delivery(base, runOf(2, [part(() => datagrams(1e9, 1), 5)], 6))[0] ?? '',
      /^passed: all 6 trials delivered, 1 of them everything$/,
    )
  })

  test('is one of both sides of pairs, whatever sizes they send', () => {
    const [a, b] = [
      rounds(12, (_, noise) => datagrams(1e9 * noise, 0, { side: 'a' })),
      rounds(12, () => refused({ side: 'b', refused_datagram_bytes: 65_508 })),
    ]
    const larger = b.map(each => ({ ...each, refused_datagram_bytes: 65_508 }))
    assert.deepEqual(delivery(a, larger, true), [
      'failed: none of 12 trials delivered (EMSGSIZE); all 12 trials did in A',
    ])
  })

  test('is none that did not work before either, nor one whose trials failed', () => {
    assert.deepEqual(delivery(runOf(1, [dead], 6), runOf(2, [dead], 6)), [
      'passed: none of 6 trials delivered',
    ])
    const broken = runOf(2, [() => record({ transport: 'udp-header', outcome: 'failed' })], 6)
    assert.deepEqual(delivery(base, broken), [])
    assert.deepEqual(delivery([], runOf(2, [dead], 6)), [])
  })
})
