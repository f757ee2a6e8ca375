import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { displayable, harmless, harmlessJson, quoted } from '../../base/foreign-text.ts'

const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const anything = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code)),
    fc.constantFrom('\u009b', '\u001b', '[', '3', '1', 'm', '\n', '\r', '\u202e', '\ud800', '\u2028', 'a'),
  ),
})

it('nothing steers what is made harmless or quoted, and plain texts stay', () => {
  fc.assert(
    fc.property(anything, text => {
      assert.doesNotMatch(harmless(text), STEERING)
      assert.doesNotMatch(quoted(text), STEERING)
      if (!STEERING.test(text)) assert.equal(harmless(text), text)
      assert.equal([...harmless(text)].length, [...text].length)
    }),
  )
})

it('a quotation that is cut ends with no half of a character', () => {
  assert.equal(quoted(`${'x'.repeat(37)}\u{1f600}`), `"${'x'.repeat(37)}?…`)
})

it('harmless JSON says the same', () => {
  fc.assert(
    fc.property(fc.dictionary(anything, anything), value => {
      const text = harmlessJson(JSON.stringify(value, undefined, 1))
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      assert.doesNotMatch(text.replaceAll('\n', ''), STEERING)
    }),
  )
})

it('a terminal gets lines and colours, and nothing else that it obeys', () => {
  fc.assert(
    fc.property(anything, text => {
      const shown = displayable(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what may stay.
      assert.doesNotMatch(shown.replaceAll(/\u001b\[[\d;]*m|\r?\n|\t/g, ''), STEERING)
    }),
  )
  assert.equal(displayable('\u001b[1;31mred\u001b[39m\r\n\ta'), '\u001b[1;31mred\u001b[39m\r\n\ta')
  assert.equal(displayable('\u001b[2J\u009b2J\r\u202e'), '?[2J?2J??')
})
