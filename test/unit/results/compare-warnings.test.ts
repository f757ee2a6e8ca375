import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CompareOptions } from '../../../results/compare/compare-sets.ts'
import type { WarningCode } from '../../../results/compare/comparison.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { compared, faster, metric, otherRun } from '../../support/compare-samples.ts'
import { datagrams, mainJob, refusedHeader, rounds, stream } from '../../support/results-samples.ts'

const tcp = (count = 20, values: Partial<TrialRecord> = {}) =>
  rounds(count, (_, noise) => stream(2e9 * noise, values))

/** The warning of this kind, as `message → remedy`. */
function warning(
  code: WarningCode,
  records: Readonly<Record<string, readonly TrialRecord[]>>,
  options: Partial<CompareOptions> = {},
): string | undefined {
  const found = compared(records, options).warnings.filter(each => each.code === code)
  assert.ok(found.length <= 1)
  return found[0] && `${found[0].message} → ${found[0].remedy}`
}

describe('warnings of a comparison', () => {
  it('say that single runs differ by more than their trials show, and what to do', () => {
    const told = warning('single-runs', { a: tcp(), b: otherRun(tcp(), 'other') })
    assert.match(told ?? '', /only a change of 15 % or more counts → .*bench ab/)
    const node = tcp()
    const native = node.map(each => ({ ...each, engine: 'native' }))
    assert.equal(warning('single-runs', { node, native }, { by: 'engine' }), undefined)
  })

  it('say that one pair of processes a side proves little, and not of those that are shared, several or unknown', () => {
    const sides = (
      ofA: (round: number) => number | undefined,
      ofB: (round: number) => number | undefined,
    ) => {
      const side = (name: 'a' | 'b', of: (round: number) => number | undefined) =>
        tcp(20, { side: name }).map(each => ({ ...each, process: of(each.round) }))
      return { a: side('a', ofA), b: side('b', ofB) }
    }
    const told = (...of: Parameters<typeof sides>) => warning('one-process', sides(...of), { by: 'side' })
    assert.match(
      told(
        () => 1,
        () => 2,
      ) ?? '',
      /^tcp in B: each side has one pair of processes of its own, .* only a change of 15 % or more counts → --processes/,
    )
    const fifth = (round: number) => Math.ceil(round / 5)
    assert.equal(
      told(
        () => 1,
        () => 1,
      ),
      undefined,
    )
    assert.equal(
      told(fifth, round => 10 + fifth(round)),
      undefined,
    )
    assert.equal(
      told(
        () => undefined,
        () => undefined,
      ),
      undefined,
    )
  })

  it('say how many pairs it takes at least', () => {
    const sides = (count: number) => ({ a: tcp(count, { side: 'a' }), b: tcp(count, { side: 'b' }) })
    assert.match(
      warning('few-rounds', sides(5), { by: 'side' }) ?? '',
      /^tcp in B: 5 pairs cannot prove any change however large → .*\(at least 6\)/,
    )
    assert.equal(warning('few-rounds', sides(6), { by: 'side' }), undefined)
  })

  it('say so of pairs that Holm’s correction makes too few', () => {
    const cells = (side: 'a' | 'b') =>
      [1000, 2000, 3000, 4000].flatMap(size_bytes => tcp(6, { side, size_bytes }))
    const told = warning('few-rounds', { a: cells('a'), b: cells('b') }, { by: 'side' })
    assert.match(
      told ?? '',
      /6 pairs cannot prove any change, of 4 that are judged together, .*\(at least 8\)/,
    )
  })

  it('say how many unpaired trials it takes', () => {
    const told = warning('few-rounds', { a: tcp(3), b: otherRun(tcp(3), 'other') })
    assert.match(told ?? '', /3 trials a side cannot prove any change however large → .*\(at least 4\)/)
    assert.equal(warning('few-rounds', { a: tcp(4), b: otherRun(tcp(4), 'other') }), undefined)
  })

  it('tell drift of unpaired sets only: pairs drift together', () => {
    const drifting = tcp().map(each => ({ ...each, ...faster(each, each.round > 10 ? 0.7 : 1) }))
    const told = warning('drift', { a: drifting, b: otherRun(tcp(), 'other') })
    assert.match(told ?? '', /^tcp in a: goodput fell by (?:29|30)[.\d]* % from the first half/)
    const native = drifting.map(each => ({ ...each, engine: 'native' }))
    assert.equal(warning('drift', { drifting, native }, { by: 'engine' }), undefined)
  })

  it('tell two groups of trials, and where', () => {
    const torn = tcp(40).map(each => ({ ...each, ...faster(each, each.round % 2 === 0 ? 3 : 1) }))
    const told = warning('bimodal', { a: tcp(40), b: otherRun(torn, 'other') })
    assert.match(
      told ?? '',
      /^tcp in b: trials fall into two groups, around [12]\.\d+ Gbit\/s and [56]\.\d+ Gbit\/s \(50\.0 % of them\)/,
    )
    assert.match(told ?? '', /→ --pin 0,1 takes the choice/)
    const remedyFor = (values: Partial<TrialRecord>) =>
      warning('bimodal', { a: tcp(40, values), b: otherRun(torn, 'other', () => values) })?.split(' → ')[1]
    // No flag that is given already, and none that means nothing between hosts.
    assert.equal(remedyFor({ pinned_cpus: '0,1' }), 'more rounds show both groups on both sides')
    assert.equal(remedyFor({ direction: 'forward' }), 'more rounds show both groups on both sides')
    assert.equal(warning('bimodal', { a: tcp(40), b: otherRun(tcp(40), 'other') }), undefined)
  })

  it('tell clocks that are known too roughly for a delivery time, and not for what needs one clock', () => {
    const rough = tcp(20, { clock_error_ms: 1 })
    const sets = { a: tcp(), b: otherRun(rough, 'other') }
    assert.match(
      warning('clock-error', sets) ?? '',
      /^tcp in b: .* 3\d\.\d % of the delivery time only → compare --metric total/,
    )
    assert.equal(warning('clock-error', sets, { metric: metric('total') }), undefined)
  })

  it('say when nothing can be compared, and why', () => {
    const other = otherRun(tcp(20, { size_bytes: 1000 }), 'other')
    assert.match(
      warning('nothing-shared', { a: tcp(), b: other }) ?? '',
      /different cases → .*--rows transport/,
    )
    const options = { metric: metric('ack') }
    const none = rounds(5, () => stream(1e9, { ack_ms: undefined }))
    assert.match(
      warning('nothing-shared', { a: none, b: otherRun(none, 'other') }, options) ?? '',
      /^no acknowledgement time is known of any trial →/,
    )
    assert.equal(warning('nothing-shared', { a: tcp(), b: otherRun(tcp(), 'other') }), undefined)
    // The same case, which one of both could not do.
    const dead = rounds(20, () => refusedHeader())
    assert.match(
      warning('nothing-shared', {
        a: rounds(20, (_, noise) => datagrams(1e9 * noise)),
        b: otherRun(dead, 'other'),
      }) ?? '',
      /in one of them no trial came so far → see outcome and error_code/,
    )
  })

  it('are none for pairs of a quiet run', () => {
    const sides = (side: 'a' | 'b') => mainJob().map(each => ({ ...each, side }))
    assert.deepEqual(compared({ a: sides('a'), b: sides('b') }, { by: 'side' }).warnings, [])
  })
})
