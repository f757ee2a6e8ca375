/** Thresholds as a person writes them: what is read, and what is said of what cannot be. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { parseThreshold, speaksOf } from '../../../results/gate/threshold.ts'
import { cellOf } from '../../../results/schema/cells.ts'
import { record } from '../../support/results-samples.ts'

const p50 = { kind: 'quantile', p: 0.5 }

describe('a threshold', () => {
  for (const [text, expected] of Object.entries({
    'tcp.goodput.p50 > 1Gbps': ['tcp', 'goodput', p50, '>', 1e9, false],
    'tcp.goodput>1G': ['tcp', 'goodput', undefined, '>', 1e9, false],
    'goodput.median >= 400M': [undefined, 'goodput', p50, '>=', 4e8, false],
    'udp-*.loss < 0.1%': ['udp-*', 'loss', undefined, '<', 0.001, true],
    'loss.p99 <= 5 %': [undefined, 'loss', { kind: 'quantile', p: 0.99 }, '<=', 0.05, true],
    'loss == 0': [undefined, 'loss', undefined, '==', 0, true],
    'udp-header.total.max < 5ms': ['udp-header', 'total', { kind: 'max' }, '<', 5, false],
    'tcp.connect.p1 < 250us': ['tcp', 'connect', { kind: 'quantile', p: 0.01 }, '<', 0.25, false],
    'sender-cpu.mean < 1.5s': [undefined, 'sender-cpu', { kind: 'mean' }, '<', 1500, false],
    'refused == 0': [undefined, 'refused', undefined, '==', 0, false],
    'refused < 0.7%': [undefined, 'refused', undefined, '<', 0.007, true],
    'completed == 100%': [undefined, 'completed', undefined, '==', 1, true],
    'udp-?arker.incomplete <= 3': ['udp-?arker', 'incomplete', undefined, '<=', 3, false],
    'goodput > 0': [undefined, 'goodput', undefined, '>', 0, false],
  })) {
    test(`${text} is read`, () => {
      const { transport, subject, statistic, operator, limit, asShare, selector } = parseThreshold(text)
      assert.deepEqual([transport, subject.name, statistic, operator, limit, asShare], expected)
      assert.equal(selector, undefined)
    })
  }

  test('is kept as it was written, with single blanks', () => {
    assert.equal(parseThreshold('  refused ==  0   @ chunk<=9216 ').text, 'refused == 0 @ chunk<=9216')
  })

  test('speaks of the transports and cells that it names', () => {
    const cell = (transport: string, chunk_bytes: number) => cellOf(record({ transport, chunk_bytes }))
    const all = parseThreshold('refused == 0')
    assert(speaksOf(all, cell('tcp', 1024)))
    const udp = parseThreshold('udp-*.refused == 0 @ chunk<=9216 size=800k')
    assert(speaksOf(udp, cell('udp-header', 9216)))
    assert(!speaksOf(udp, cell('tcp', 9216)))
    assert(!speaksOf(udp, cell('udp-header', 9217)))
    const marker = parseThreshold('udp-?arker.refused == 0')
    assert(speaksOf(marker, cell('udp-marker', 1)))
    assert(!speaksOf(marker, cell('udp-header', 1)))
    assert(!speaksOf(parseThreshold('udp.goodput > 1M'), cell('udp-header', 1)))
  })
})

describe('what is no threshold is told in one line, with what may stand there:', () => {
  for (const [text, told] of Object.entries({
    '': 'it has no operator',
    'tcp.goodput': 'it has no operator',
    'tcp.goodput > ': 'it has no value',
    'tcp.goodput => 1G': 'unknown operator "=>"; write one of <, <=, >, >=, ==',
    'tcp.goodput != 1G': 'unknown operator "!="',
    'tcp.goodput = 1G': 'unknown operator "="',
    'tcp.goodptu > 1G': 'unknown metric "goodptu"; did you mean goodput?',
    'tcp.speed > 1G': 'unknown metric "speed"; known are goodput, ',
    '> 1G': 'it names no metric',
    'tcp.1024.goodput > 1G': 'too many parts; write TRANSPORT.METRIC.STATISTIC',
    't$p.goodput > 1G': '"t$p" is not a name of transports',
    'tcp.goodput == 1G': '== never holds for a rate; write <= or >=',
    'loss.max == 0': '== never holds for a statistic; write <= or >=',
    'tcp.goodput.p100 > 1G': 'no statistic p100; write p1 to p99, min, max or mean',
    'tcp.goodput.p0 > 1G': 'no statistic p0;',
    'tcp.goodput.p99.9 > 1G': 'no statistic p99.9;',
    'goodput.avg > 1G': 'no statistic avg; write p1 to p99, min, max or mean',
    'goodput >= 0': '>= 0 always holds',
    'refused < 0': '< 0 never holds',
    'loss <= 100%': '<= 100% always holds',
    'failed > 100%': '> 100% never holds',
    'loss < 1% @': 'there is nothing after @; write a condition, as chunk<=9216',
    'new.csv': 'it looks like a file; name files before --threshold',
    'tcp.failed.p50 == 0': 'failed is a count and has no p50; write failed alone',
    'tcp.goodput > 5ms': 'not a rate: "5ms"',
    'tcp.goodput > 10': 'not a rate with its unit: "10"; write it as 10M (10,000,000 bit/s), 1G or 10bps',
    'tcp.goodput > -1G': '"-1G" has a sign; write 0 or more',
    'tcp.total < 1G': 'not a duration: "1G"',
    'tcp.total < 5': 'not a duration: "5"; write it with its unit, such as 200ms, 5s or 2m',
    'loss < 0.1': '"0.1" is not a share; write it with its percent sign, as 0.1%',
    'loss < 101%': '"101%" is not a share',
    'failed < 1.5': '"1.5" is not a count of failed; write a whole number, or a share as 1%',
    'refused == 0 @ chonk<=9216': 'there is no column "chonk"',
    'refused == 0 @ goodput>1G': 'only requested settings can be used here',
    'refused == 0 @ chunk<=': 'a value is missing',
  })) {
    test(text === '' ? 'nothing' : text, () => {
      assert.throws(
        () => parseThreshold(text),
        (thrown: unknown) => {
          assert(thrown instanceof UsageError)
          assert(thrown.message.startsWith(`threshold ${JSON.stringify(text.trim())}: `), thrown.message)
          assert(thrown.message.includes(told), thrown.message)
          assert(!thrown.message.includes('\n'))
          return true
        },
      )
    })
  }
})
