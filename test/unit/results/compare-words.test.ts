import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatRate } from '../../../base/units.ts'
import { refusalWords } from '../../../results/compare/block-facts.ts'
import type { Change } from '../../../results/compare/comparison.ts'
import { judgePairs, verdictOf } from '../../../results/compare/judge.ts'
import {
  formatDelta,
  formatEnds,
  formatP,
  formatPoints,
  formatRatio,
  formatSpread,
  formatValues,
  titleOf,
  whyNoInterval,
  whyUnproven,
} from '../../../results/compare/words.ts'
import { commonUnit, formatIn } from '../../../results/document/format.ts'
import { metric } from '../../support/compare-samples.ts'

describe('figures of a comparison', () => {
  it('write ratios as changes, and large ones as factors', () => {
    const texts: readonly [number, string][] = [
      [1, '0.0 %'],
      [1.96, '+96.0 %'],
      [0.958, '−4.2 %'],
      [2.0004, '+100 %'],
      [9.99, '+899 %'],
      [12.34, '×12.3'],
      [1234.5, '×1,235'],
      [Number.POSITIVE_INFINITY, '×∞'],
      [0, '−100 %'],
      [0.0001, '−99.9 %'],
      [0.99999, '0.0 %'],
    ]
    for (const [ratio, text] of texts) assert.equal(formatRatio(ratio), text)
  })

  it('write the ends of an interval with one sign for per cent', () => {
    assert.deepEqual(formatEnds({ low: 0.9, high: 1.25 }), { low: '−10.0', high: '+25.0 %' })
    assert.deepEqual(formatEnds({ low: 1.5, high: 40 }), { low: '+50.0', high: '×40.0' })
  })

  it('write p to what matters', () => {
    assert.deepEqual([0, 0.0009, 0.001, 0.0349, 0.0994, 0.0996, 0.5, 1].map(formatP), [
      '<0.001',
      '<0.001',
      '0.001',
      '0.035',
      '0.099',
      '0.10',
      '0.50',
      '1.00',
    ])
    assert.equal(formatP(undefined), '')
  })

  it('write differences of loss in points, spreads in per cent, deltas as they were given', () => {
    assert.deepEqual([0.259, -0.0004, 0, 0.012].map(formatPoints), ['+25.9', '−0.04', '0.0', '+1.2'])
    const spread = (low: number, high: number) => formatSpread({ n: 9, median: 100, interval: { low, high } })
    assert.deepEqual(
      [spread(93, 101), spread(99.6, 100.1), spread(100, 100), spread(-900, 4000)],
      ['7 %', '0.4 %', '0 %', '>999 %'],
    )
    assert.equal(formatSpread({ n: 1, median: 1 }), undefined)
    assert.deepEqual([0.05, 0.15, 0.125, 1.15, 6.62].map(formatDelta), [
      '5 %',
      '15 %',
      '12.5 %',
      '×2.15',
      '×7.62',
    ])
  })

  it('share a unit as far as one can be read', () => {
    const goodput = metric()
    const unit = (...values: number[]) => commonUnit(goodput.units, values)?.name
    assert.equal(unit(1.5e9, 9e9), 'Gbit/s')
    assert.equal(unit(0.2e9, 9e9), 'Gbit/s')
    assert.equal(unit(0.05e9, 9e9), 'Mbit/s')
    assert.equal(unit(1e3, 9e9), undefined)
    assert.equal(unit(), undefined)
    assert.equal(commonUnit(metric('total').units, [0.2, 30])?.name, 'ms')
    // As many as the medians of a long history.
    assert.equal(commonUnit(metric('total').units, new Array(200_000).fill(30))?.name, 'ms')
    assert.equal(commonUnit(metric('total').units, [0.02, 0.9])?.name, 'µs')
    const mbit = goodput.units.find(each => each.name === 'Mbit/s')
    assert.equal(formatIn(9_830_000_000, mbit, formatRate), '9,830')
    assert.equal(formatIn(39_200_000, mbit, formatRate), '39.2')
    assert.equal(formatIn(39_200_000, undefined, formatRate), '39.2 Mbit/s')
  })

  it('name columns in words, and shorten what a file says of itself', () => {
    assert.deepEqual(
      (['os_release', 'receiver_node_version', 'rcvbuf_asked_bytes', 'host'] as const).map(titleOf),
      ['kernel', 'receiver node', 'rcvbuf', 'host'],
    )
    assert.equal(formatValues(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more')
    assert.equal(formatValues([]), '–')
    assert.equal(formatValues(['\u001b[31mred\u009b2J\u202e']), '?[31mred?2J?')
    // What GitHub Actions would obey, where it begins a line.
    assert.equal(
      formatValues(['::stop-commands::x', 'a ::error file=b:1::c', '##[error]']),
      '?:stop-commands::x, a ?:error file=b:1::c, ?#[error]',
    )
    assert.equal(formatValues(['::1', 'fe80::1', 'std::string::size']), '::1, fe80::1, std::string::size')
  })

  it('say up to which size datagrams are taken', () => {
    const offered = { refused: 10, offered: 20 }
    const texts = [
      refusalWords({ refused: 0, offered: 20, largestAcceptedBytes: 65_507 }),
      refusalWords({ ...offered, largestAcceptedBytes: 9216, smallestRefusedBytes: 9217 }),
      refusalWords({ ...offered, largestAcceptedBytes: 8192, smallestRefusedBytes: 16_384, emulated: true }),
      refusalWords({ ...offered, smallestRefusedBytes: 1024 }),
      refusalWords({ ...offered, largestAcceptedBytes: 8192, smallestRefusedBytes: 1024 }),
      refusalWords({ ...offered, largestAcceptedBytes: 8192 }),
      refusalWords(undefined),
    ]
    assert.deepEqual(texts, [
      'ok to 65,507 B',
      'refused above 9,216 B',
      'ok to 8,192 B, refused from 16,384 B on (emulated)',
      'refused from 1,024 B on',
      'ok to 8,192 B, some refused from 1,024 B on',
      'ok to 8,192 B, 50.0 % refused',
      '–',
    ])
  })
})

it('an interval that says nothing is not shown but explained, and no other one is', () => {
  const why = (base: readonly number[], other: readonly number[]) => {
    const judgement = judgePairs(base, other)
    assert(judgement?.interval)
    const unjudged = { leftOut: 0, processes: undefined, pHolm: undefined, delta: 0.05 }
    return whyNoInterval({ ...judgement, ...unjudged, basis: 'pairs', verdict: 'inconclusive' })
  }
  const few = /^too few to say anything about the ratio; use --repeat 20$/
  assert.match(why([1, 1], [3, 0.5]) ?? '', few)
  assert.equal(why([1, 1], [1.01, 1.02]), undefined)
  const scattered = Array.from({ length: 20 }, (_, index) => (index % 2 ? 1e6 : 1e-6))
  assert.match(
    why(
      scattered.map(() => 1),
      scattered,
    ) ?? '',
    /^they scatter too much/,
  )
  assert.equal(
    why(
      scattered.map(() => 1),
      scattered.map(() => 2),
    ),
    undefined,
  )
})

it('an interval that leaves out no change beside an unproven verdict is explained, and no other one is', () => {
  const change: Change = {
    basis: 'pairs',
    n: 20,
    leftOut: 0,
    processes: undefined,
    ratio: 1.2,
    delta: 0.05,
    interval: { low: 1.02, high: 1.4 },
    p: 0.02,
    pHolm: 0.6,
    verdict: 'no evidence',
    paired: true,
  }
  assert.equal(whyUnproven(change, 30), 'alone it would be significant; among 30 rows it is not')
  assert.equal(whyUnproven({ ...change, p: 0.08 }, 30), 'the sign test alone does not reach')
  const small = { ...change, pHolm: 0.04, ratio: 1.04 }
  assert.match(whyUnproven(small, 30) ?? '', /not shown to be one of 5 % or more$/)
  assert.equal(whyUnproven({ ...change, interval: { low: 0.99, high: 1.4 } }, 30), undefined)
  assert.equal(whyUnproven({ ...change, pHolm: 0.01, verdict: 'better' }, 30), undefined)
  assert.equal(whyUnproven({ ...change, verdict: 'same' }, 30), undefined)
})

it('a change beyond delta that its own error leaves unproven is not said to be small', () => {
  // Pairs fall into two groups, so that nobody knows where their median is; all of them are slower by far more than 5 %.
  const ratios = Array.from({ length: 42 }, (_, pair) => (pair % 2 === 0 ? 0.85 : 0.3) + pair / 1000)
  const judgement = judgePairs(
    ratios.map(() => 1),
    ratios,
  )
  assert.ok(judgement?.interval && judgement.interval.high < 0.95 && judgement.ratio < 0.8)
  const { error: _error, ...told } = judgement
  const verdict = verdictOf(judgement, judgement.p, { delta: 0.05, better: 'higher' })
  const change: Change = {
    ...told,
    basis: 'pairs',
    leftOut: 0,
    processes: undefined,
    delta: 0.05,
    pHolm: judgement.p ?? 1,
    verdict,
  }
  assert.equal(verdict, 'inconclusive')
  assert.equal(whyUnproven(change, 1), 'the change is less than 3 of its standard errors')
  const ofProcesses = whyUnproven({ ...change, basis: 'processes', n: 4 }, 1)
  assert.equal(ofProcesses, 'the change is smaller than 4 processes can prove')
})
