import assert from 'node:assert/strict'
import { test } from 'node:test'
import stringWidth from 'string-width'
import { NARROW } from '../../../bench/cli/lighter-packages.ts'

test('text that the bundle takes for one column a character is that wide', () => {
  const every = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(each =>
    NARROW.test(each),
  )
  assert.ok(every.length > 300)
  assert.deepEqual(
    every.filter(each => stringWidth(each) !== 1),
    [],
  )
  // None joins its neighbours.
  assert.equal(stringWidth(every.join('')), every.length)
  assert.equal(stringWidth([...every].reverse().join('')), every.length)
})

test('colours, wide letters, emoji and characters without a width need the tables', () => {
  for (const text of ['\x1b[1mbold\x1b[22m', '漢字', '👩‍🚀', '\u0301', '\xad', '\t', '©️', '↔️'])
    assert.equal(NARROW.test(text), false, JSON.stringify(text))
})
