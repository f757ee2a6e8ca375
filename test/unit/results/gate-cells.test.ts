/** Thresholds held against cells: what is measured of them, what holds, and what cannot be told. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkThreshold, fewForQuantile } from '../../../results/gate/check-thresholds.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { gateSet, runOf } from '../../support/gate-samples.ts'
import { datagrams, record, refused, refusedHeader, rounds, stream } from '../../support/results-samples.ts'

function check(text: string, records: readonly TrialRecord[]) {
  return checkThreshold(parseThreshold(text), gateSet(records))
}

function only(text: string, records: readonly TrialRecord[]) {
  const [first, ...others] = check(text, records)
  assert(first)
  assert.deepEqual(others, [])
  return first
}

const TCP = runOf(1, [(_, noise) => stream(1e9 * noise)])
const failed: Partial<TrialRecord> = { outcome: 'failed', error_code: 'ECONNRESET', goodput_bps: undefined }

describe('a threshold on samples', () => {
  test('is held against the median, unless another statistic is named', () => {
    const trials = [100, 200, 300, 400, 1000].map((mega, index) =>
      stream(mega * 1e6, { round: index + 1, trial: index + 1 }),
    )
    for (const [name, value] of Object.entries({
      goodput: 300e6,
      'goodput.p50': 300e6,
      'goodput.min': 100e6,
      'goodput.max': 1000e6,
      'goodput.mean': 400e6,
    })) {
      const found = only(`${name} > 1bps`, trials)
      assert.equal(found.figures.value, value, name)
      assert.equal(found.figures.unit, 'bit/s')
      assert.equal(found.figures.count, 5)
    }
  })

  test('fails when the figure is on the wrong side, and says by what interval', () => {
    const { status, sentence, statistical } = only('tcp.goodput > 2G', TCP)
    assert.equal(status, 'failed')
    assert.match(sentence, /^median goodput is \S+ \S+bit\/s \(95 %: \S+ to \S+\) over 20 trials$/)
    assert(statistical)
  })

  test('is inconclusive when it holds, and the interval includes the limit', () => {
    const { figures } = only('tcp.goodput > 1bps', TCP)
    assert(figures.valueInterval && figures.value !== undefined)
    const between = (figures.valueInterval.low + figures.value) / 2
    const { status, sentence } = only(`tcp.goodput > ${Math.round(between)}bps`, TCP)
    assert.equal(status, 'inconclusive')
    assert.match(sentence, /: it holds, but the interval includes the limit$/)
    const above = (figures.valueInterval.high + figures.value) / 2
    const broken = only(`tcp.goodput > ${Math.round(above)}bps`, TCP)
    assert.equal(broken.status, 'failed')
    assert.match(broken.sentence, /; the interval includes the limit$/)
    assert.equal(only(`tcp.goodput > ${Math.floor(figures.valueInterval.low) - 1}bps`, TCP).status, 'passed')
  })

  test('takes trials that ended: how long one took that hung says nothing', () => {
    const slow = { outcome: 'timed-out' as const, total_ms: 30_000 }
    const trials = rounds(10, round => stream(1e9, round > 6 ? slow : { total_ms: 5 }))
    const found = only('tcp.total.max < 10ms', trials)
    assert.equal(found.status, 'inconclusive')
    assert.equal(found.figures.count, 6)
    assert.match(
      found.sentence,
      /^max of total is 5\.00 ms over 6 trials; 4 of 10 trials did not get that far$/,
    )
    assert.equal(only('tcp.total.max < 2ms', trials).status, 'failed')
  })

  test('fails where most trials did not get that far, whatever the rest says', () => {
    const trials = (alive: number) => rounds(6, round => (round <= alive ? datagrams(1e9) : refusedHeader()))
    for (const text of ['udp-header.goodput > 1M', 'udp-header.loss < 1%']) {
      const found = only(text, trials(1))
      assert.equal(found.status, 'failed')
      assert.match(found.sentence, /; 5 of 6 trials did not get that far \(EPERM\)$/)
      assert.equal(only(text, trials(5)).status, 'inconclusive')
      assert.equal(only(text, trials(6)).status, 'passed')
    }
  })

  test('fails where no trial came that far', () => {
    const trials = rounds(10, round => record(round > 2 ? failed : { outcome: 'timed-out' }))
    const { status, sentence, statistical } = only('tcp.goodput > 1M', trials)
    assert.equal(status, 'failed')
    assert.equal(sentence, 'no trial has a value of goodput: 2 timed-out, 8 failed')
    assert.equal(statistical, false)
  })
})

test('a quantile that so few trials do not have is not judged, and it is told how many have it', () => {
  const setOf = (count: number) => gateSet(runOf(1, [(_, noise) => stream(1e9 * noise)], count))
  const noteOf = (text: string, count: number) => fewForQuantile(parseThreshold(text), setOf(count))
  assert.deepEqual(noteOf('total.p99 < 1s', 20), {
    message: 'total.p99 < 1s: not judged, since 20 trials have no p99',
    remedy:
      '--repeat 1000 or more; or name p50, max or a quantile nearer to p50; with --strict, what is not judged fails',
  })
  assert.match(noteOf('total.p99 < 1s', 1)?.message ?? '', /: not judged, since 1 trial has no p99$/)
  for (const [text, count] of [
    ['total.p99 < 1s', 999],
    ['total.p90 < 1s', 99],
    ['goodput.p5 > 1M', 199],
    // Also what would fail: nobody knows.
    ['goodput.p90 > 900G', 20],
  ] as const) {
    const [check] = checkThreshold(parseThreshold(text), setOf(count))
    assert.equal(check?.status, 'skipped', text)
    assert.match(check?.sentence ?? '', /is not judged: it needs [\d,]+ trials, and there are \d+$/)
    assert.match(noteOf(text, count)?.message ?? '', /not judged/)
  }
  for (const [text, count] of [
    ['total.p99 < 1s', 1000],
    ['total.p90 < 1s', 100],
    ['goodput.p5 > 1M', 200],
    ['goodput > 1M', 1],
    ['goodput.p50 > 1M', 2],
    ['goodput.min > 1M', 20],
  ] as const) {
    assert.equal(noteOf(text, count), undefined, text)
    assert.equal(checkThreshold(parseThreshold(text), setOf(count))[0]?.status, 'passed', text)
  }
  assert.equal(noteOf('udp-*.total.p99 < 1s', 20), undefined)
})

describe('a threshold on loss', () => {
  const lossy = [...runOf(1, [(round, noise) => datagrams(1e9 * noise, round === 1 ? 80 : 0)]), ...TCP]

  test('is held against the share of all datagrams, and does not speak of streams', () => {
    const found = only('loss < 1%', lossy)
    assert.equal(found.cell?.transport, 'udp-header')
    assert.equal(found.figures.value, 80 / 16_000)
    assert.equal(found.status, 'inconclusive')
    assert.match(found.sentence, /^loss is 0\.500 % \(95 %: \S+ % to \S+ %\) of 16,000 datagrams: it holds/)
    assert.equal(only('loss == 0', lossy).status, 'failed')
    assert.equal(only('loss.max <= 10%', lossy).figures.value, 0.1)
  })

  test('none lost of few says little', () => {
    const clean = runOf(1, [(_, noise) => datagrams(1e9 * noise)], 10)
    assert.equal(only('loss < 0.05%', clean).status, 'inconclusive')
    assert.equal(only('loss < 1%', clean).status, 'passed')
    assert.equal(only('loss == 0', clean).status, 'passed')
  })

  test('fails where the system took no datagram at all', () => {
    const { status, sentence } = only(
      'loss < 1%',
      rounds(5, () => refused()),
    )
    assert.equal(status, 'failed')
    assert.equal(sentence, 'no trial has a value of loss: 5 refused')
  })
})

describe('a threshold on counts', () => {
  const trials = [
    ...rounds(4, () => datagrams(1e9)),
    ...rounds(3, () => datagrams(1e9, 8)),
    ...rounds(2, () => record({ transport: 'udp-header', ...failed })),
    ...rounds(1, () => record({ transport: 'udp-header', outcome: 'timed-out' })),
  ].map((each, index) => ({ ...each, round: index + 1, trial: index + 1 }))

  for (const [text, status, value] of [
    ['completed >= 4', 'passed', 4],
    ['completed == 100%', 'failed', 0.4],
    ['incomplete <= 30%', 'passed', 0.3],
    ['failed == 0', 'failed', 3],
    ['failed < 31%', 'passed', 0.3],
    ['damaged == 0', 'passed', 0],
    ['refused == 0', 'passed', 0],
  ] as const)
    test(text, () => {
      const found = only(text, trials)
      assert.equal(found.status, status)
      assert.equal(found.figures.value, value)
    })

  test('is not counted again, since of twice as many rounds there are more, unless it is a share', () => {
    for (const [text, statistical] of [
      ['completed >= 5', false],
      ['incomplete <= 2', false],
      ['completed >= 50%', true],
      ['failed <= 1%', false],
    ] as const)
      assert.equal(only(text, trials).statistical, statistical, text)
  })

  test('refused datagrams count, of those offered', () => {
    const some = rounds(4, round => (round === 1 ? refused() : datagrams(1e9, 0, { size_bytes: 10 * 1024 })))
    const sizes = some.map(each => ({ ...each, size_bytes: 10 * 1024 }))
    assert.equal(only('refused == 0', sizes).figures.value, 10)
    const share = only('refused < 30%', sizes)
    assert.equal(share.status, 'passed')
    assert.equal(share.sentence, '25.0 % of 40 datagrams refused')
    assert.equal(share.statistical, false)
  })

  test('so do headers and markers, which no count of the payload has', () => {
    const never = rounds(3, () => refusedHeader())
    const all = only('refused == 0', never)
    assert.equal(all.status, 'failed')
    assert.equal(all.sentence, '3 of 3 datagrams refused, 3 headers or markers among them')
    assert.deepEqual(
      [only('refused < 50%', never).status, only('refused < 50%', never).figures.value],
      ['failed', 1],
    )
    const one = rounds(3, round => (round === 2 ? refusedHeader() : datagrams(1e9)))
    assert.equal(
      only('refused == 0', one).sentence,
      '1 of 1,601 datagrams refused, 1 header or marker among them',
    )
    // Nobody knows what share of its payload would have been refused.
    const share = only('refused < 1%', one)
    assert.equal(share.status, 'inconclusive')
    assert.match(share.sentence, /; 1 of 3 trials did not get that far \(EPERM\)$/)
    const end = rounds(3, () => datagrams(1e9, 0, { outcome: 'refused', error_code: 'EPERM' }))
    assert.equal(only('refused == 0', end).figures.value, 3)
    const failedAll = rounds(3, () => record({ transport: 'udp-header', ...failed }))
    assert.equal(only('refused == 0', failedAll).sentence, 'no trial offered a datagram: 3 failed')
  })

  test('damage is of bytes: over a stream, or past a checksum', () => {
    const damaged = rounds(3, round => stream(1e9, round === 2 ? { ...failed, error_code: 'DAMAGED' } : {}))
    assert.equal(only('damaged == 0', damaged).figures.value, 1)
    const corrupt = rounds(3, round => datagrams(1e9, 0, round === 2 ? { datagrams_corrupt: 1 } : {}))
    assert.equal(only('damaged == 0', corrupt).figures.value, 1)
    const reordered = rounds(3, () => datagrams(1e9, 0, { payload_intact: false }))
    assert.equal(only('damaged == 0', reordered).figures.value, 0)
  })
})

describe('a threshold that speaks of no cell has failed', () => {
  for (const [text, sentence] of [
    [
      'udp-*.goodput > 1M',
      /^it selects no cell of the results, and a check that cannot fail guards nothing$/,
    ],
    ['goodput > 1M @ chunk>9216', /^it selects no cell/],
    [
      'tcp.loss < 1%',
      /^the cells that it selects have no loss, and a check that cannot fail guards nothing$/,
    ],
    ['tcp.refused == 0', /^the cells that it selects have no refused/],
  ] as const)
    test(text, () => {
      const found = only(text, TCP)
      assert.equal(found.cell, undefined)
      assert.equal(found.status, 'failed')
      assert.match(found.sentence, sentence)
    })

  test('conditions choose cells', () => {
    const sizes = [...TCP, ...runOf(1, [(_, noise) => stream(1e9 * noise, { size_bytes: 65_536 })])]
    assert.equal(check('goodput > 1M', sizes).length, 2)
    assert.equal(only('goodput > 1M @ size=64k', sizes).cell?.size_bytes, 65_536)
  })
})
