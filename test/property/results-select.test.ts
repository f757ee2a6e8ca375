import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../base/errors.ts'
import { parseSelector, type Selector } from '../../results/select/selector.ts'
import { columns, text, valueFor } from '../support/result-arbitraries.ts'
import { record } from '../support/results-samples.ts'

function parsed(written: string): Selector | undefined {
  try {
    return parseSelector(written)
  } catch (thrown) {
    assert.ok(thrown instanceof UsageError, String(thrown))
    return undefined
  }
}

const holds = (condition: string, name: string, value: unknown) =>
  parseSelector(condition).matches(column =>
    column === name ? (value as string | number | boolean) : undefined,
  )

it('whatever is written is a selector or an error for users', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'chunk',
      'size',
      'goodput',
      'and',
      'or',
      'transport',
      'udp-*',
      '<=',
      '=',
      '!=',
      '>',
      ',',
      '"',
      "'",
      ' ',
      '800k',
      '1%',
      '5ms',
      'none',
      '*',
      '.*',
      '(',
      '\\',
    ),
    fc.string({ maxLength: 4 }),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), words => {
      const selector = parsed(words.join(''))
      selector?.matches(column => record()[column])
    }),
    { numRuns: 3000 },
  )
})

it('a condition on the very value holds, its opposite does not, and orders are those of numbers', () => {
  const cell = fc
    .constantFrom(...columns.filter(({ type }) => type !== 'string'))
    .chain(column => fc.tuple(fc.constant(column), valueFor(column), valueFor(column)))
  fc.assert(
    fc.property(cell, ([{ name, type }, value, other]) => {
      assert.equal(holds(`${name}=${value}`, name, value), true)
      assert.equal(holds(`${name}!=${value}`, name, value), false)
      assert.equal(holds(`${name}=${other}`, name, value), value === other)
      assert.equal(holds(`${name}=${other},${value}`, name, value), true)
      if (type === 'boolean') return
      assert.equal(holds(`${name}<${other}`, name, value), Number(value) < Number(other))
      assert.equal(holds(`${name}>=${other}`, name, value), Number(value) >= Number(other))
    }),
    { numRuns: 500 },
  )
})

it('a text in quotes is found whatever it is made of, and by its beginning and *', () => {
  fc.assert(
    fc.property(text, value => {
      fc.pre(!value.includes('"'))
      assert.equal(holds(`host="${value}"`, 'host', value), true)
      assert.equal(holds(`host!="${value}"`, 'host', value), false)
      assert.equal(holds('host=*', 'host', value), true)
      const [first = ''] = value
      if (/\w/.test(first)) assert.equal(holds(`host=${first}*`, 'host', value), true)
    }),
    { numRuns: 500 },
  )
})
