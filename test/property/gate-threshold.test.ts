/** Thresholds: whatever is written is read as it is meant, or refused in one line. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../base/errors.ts'
import { METRICS } from '../../results/compare/metrics.ts'
import { checkThreshold } from '../../results/gate/check-thresholds.ts'
import { parseThreshold } from '../../results/gate/threshold.ts'
import { gateSet, runOf } from '../support/gate-samples.ts'
import { stream } from '../support/results-samples.ts'

const blank = fc.constantFrom('', ' ', '  ')
const rates = METRICS.filter(each => each.column.endsWith('_bps')).map(each => each.name)
const times = METRICS.filter(each => each.column.endsWith('_ms')).map(each => each.name)
const number = fc.integer({ min: 1, max: 99_999 })
const value = fc.oneof(
  fc.record({
    subject: fc.constantFrom(...rates),
    number,
    unit: fc.constantFrom(
      ...([
        ['bps', 1],
        ['k', 1e3],
        ['Mbps', 1e6],
        ['Gbit/s', 1e9],
      ] as const),
    ),
  }),
  fc.record({
    subject: fc.constantFrom(...times),
    number,
    unit: fc.constantFrom(
      ...([
        ['ms', 1],
        ['s', 1000],
        ['us', 1e-3],
      ] as const),
    ),
  }),
  fc.record({
    subject: fc.constantFrom('loss', 'failed', 'refused'),
    // Over 100 % there is nothing, which some operators are told of.
    number: fc.integer({ min: 1, max: 99 }),
    unit: fc.constant(['%', 0.01] as const),
  }),
)

test('what is composed by the grammar is read as it is meant', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(undefined, 'tcp', 'udp-*', '*'),
      value,
      fc.constantFrom('<', '<=', '>', '>='),
      fc.constantFrom(undefined, 'chunk<=9216', 'size=800k,1M engine!=node'),
      fc.array(blank, { minLength: 5, maxLength: 5 }),
      (transport, { subject, number, unit: [name, factor] }, operator, conditions, [a, b, c, d, e]) => {
        const left = `${transport === undefined ? '' : `${transport}.`}${subject}`
        const right = conditions === undefined ? '' : `${c}@${d}${conditions}`
        const read = parseThreshold(`${a}${left}${b}${operator}${e}${number}${name}${right}`)
        assert.equal(read.transport, transport)
        assert.equal(read.subject.name, subject)
        assert.equal(read.operator, operator)
        assert.equal(read.selector?.text, conditions)
        assert(Math.abs(read.limit - number * factor) <= 1e-9 * read.limit)
      },
    ),
    { numRuns: 500 },
  )
})

test('anything else is refused in one line', () => {
  const bits = [
    'tcp',
    '.',
    'goodput',
    'loss',
    'p50',
    'p',
    '>',
    '<',
    '=',
    '@',
    '%',
    '1',
    'G',
    'ms',
    ' ',
    '\n',
    '\u0000',
    'é',
    '*',
  ]
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...bits), { maxLength: 12 }).map(each => each.join('')),
  )
  fc.assert(
    fc.property(text, written => {
      try {
        parseThreshold(written)
      } catch (thrown) {
        assert(thrown instanceof UsageError)
        assert.match(thrown.message, /^threshold "[^\n]*$/)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a stricter limit never passes where a laxer one fails', () => {
  const set = gateSet(runOf(1, [(_, noise) => stream(1e9 * noise)]))
  const rank = { failed: 0, inconclusive: 1, passed: 2, skipped: 3 }
  const rankOf = (limit: number) =>
    rank[checkThreshold(parseThreshold(`goodput > ${limit}bps`), set)[0]?.status ?? 'failed']
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2e9 }), fc.integer({ min: 1, max: 2e9 }), (one, other) => {
      assert(rankOf(Math.min(one, other)) >= rankOf(Math.max(one, other)))
    }),
  )
})
