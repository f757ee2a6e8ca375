/** Responsiveness: the formula, trimmed means, when values are stable, and what a figure is called. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOf } from '../../../results/compare/answer.ts'
import { renderMarkdown } from '../../../results/document/markdown.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import {
  classOf,
  confidenceOf,
  isStable,
  probesPerSecond,
  responsivenessOf,
  rpmOf,
  trimmedMean,
} from '../../../results/statistics/responsiveness.ts'
import { rounds, stream } from '../../support/results-samples.ts'

test('RPM is half of what fresh connections see, and half of what requests behind the load do', () => {
  // Connected in 20 ms and answered in 40 ms: 2,000 a minute. Behind the load 60 ms: 1,000 a minute.
  assert.equal(rpmOf(20, 40, 60), 1500)
  // One round trip of 100 ms everywhere is 600 a minute.
  assert.equal(rpmOf(100, 100, 100), 600)
})

test('the slowest 5 % do not count, and only these', () => {
  assert.equal(trimmedMean([]), undefined)
  assert.equal(trimmedMean([3]), 3)
  // Of fewer than 20, one is more than 5 %.
  assert.equal(trimmedMean([...Array(18).fill(1), 20]), 2)
  assert.equal(trimmedMean([1000, ...Array(19).fill(1)]), 1)
  assert.equal(trimmedMean([...Array(38).fill(2), 500, 900]), 2)
  assert.equal(trimmedMean([0, ...Array(19).fill(1)]), 18 / 19, 'the fastest count')
})

test('the parts make the figure, and without one of them there is none', () => {
  const probes = { tcpMs: [20, 20], httpMs: [40], loadedMs: [50, 70] }
  assert.deepEqual(responsivenessOf(probes), { tcpMs: 20, httpMs: 40, loadedMs: 60, rpm: 1500 })
  assert.deepEqual(responsivenessOf({ ...probes, loadedMs: [] }), {
    ...{ tcpMs: 20, httpMs: 40 },
    ...{ loadedMs: undefined, rpm: undefined },
  })
})

test('four moving averages within 5 % are stable', () => {
  assert.equal(isStable([]), false)
  assert.equal(isStable([7, 7, 7]), false, 'three are too few')
  assert.equal(isStable([7, 7, 7, 7]), true)
  assert.equal(isStable([1, 2, 3, 4, 5]), false)
  // A ramp, and then a plateau: its averages have to forget the ramp.
  const plateau = [10, 50, ...Array(10).fill(100)]
  const firstStable = plateau.findIndex((_, index) => isStable(plateau.slice(0, index + 1)))
  // Averages from there: 65, 87.5, 100, 100, 100: the deviation of the last four is 6.25, then 0.
  assert.equal(firstStable, 8)
  // A sawtooth whose averages are even.
  assert.equal(isStable([80, 120, 80, 120, 80, 120, 80]), true)
  assert.equal(isStable([7, 7, 7, 7, undefined]), false, 'an interval without a value')
  assert.equal(isStable([undefined, 7, 7, 7, 7, 7, 7, 7]), true, 'one that is forgotten')
  assert.equal(isStable([0, 0, 0, 0]), false, 'nothing at all')
})

test('probes are 100 a second at most, and 5 % of the capacity', () => {
  assert.equal(probesPerSecond(1e9, 250), 100)
  // 5 % of 1 Mbit/s is 50,000 bit/s: 25 of 2,000 bits.
  assert.equal(probesPerSecond(1e6, 250), 25)
})

test('classes and confidence', () => {
  const rpms = [299.9, 300, 999, 1000, 5999, 6000]
  assert.deepEqual(rpms.map(classOf), ['poor', 'fair', 'fair', 'good', 'good', 'excellent'])
  assert.deepEqual(
    [
      confidenceOf(true, true),
      confidenceOf(true, false),
      confidenceOf(false, true),
      confidenceOf(false, false),
    ],
    ['high', 'medium', 'medium', 'low'],
  )
})

test('a report has RPM in its answer, its cards and its table, and transports are compared by it', () => {
  const ofTransport = (transport: string, rpm: number) =>
    rounds(8, (_, noise) =>
      stream(6e8, { transport, rpm: rpm * noise, size_bytes: undefined, workload: 'responsiveness' }),
    )
  const records = ofTransport('tcp', 2000)
  const text = renderMarkdown(buildReport({ files: [{ label: 'a.csv', records }], version: '1' }))
  assert.match(text, /^### tcp: \*\*\d,\d{3} RPM\*\*$/m)
  assert.match(text, /^- \*\*\d,\d{3} RPM\*\* tcp \(good; 600 Mbit\/s\)$/m)
  assert.match(text, /\| RPM \| class \| goodput \|/)
  const [answer] = answerOf([...records, ...ofTransport('tls', 500)]) ?? []
  assert.deepEqual(answer?.slice(0, 3), [{ name: 'tcp' }, ' is ', { strong: 'the fastest' }])
  assert.match(String(answer?.[3]), /^: RPM \d,\d{3}$/)
})
