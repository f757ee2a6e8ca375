import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import stringWidth from 'string-width'
import { isAsciiLocale, toAscii } from '../../../base/ascii.ts'

const GOLDEN = new URL('../../../../test/golden/', import.meta.url)

describe('text in ASCII', () => {
  it('all that goldens show is ASCII, and as wide as it was', () => {
    const files = readdirSync(GOLDEN).filter(each => each.endsWith('.txt'))
    assert.ok(files.length > 50)
    for (const file of files)
      for (const line of readFileSync(new URL(file, GOLDEN), 'utf8').split('\n')) {
        const ascii = toAscii(line)
        assert.ok(
          [...Buffer.from(ascii)].every(byte => byte < 127),
          `${file}: ${ascii}`,
        )
        assert.doesNotMatch(
          ascii.replace(/\?+/g, sign => (line.includes(sign) ? '' : sign)),
          /\?/,
          `${file}: ${line}`,
        )
        // These stand in sentences.
        if (!/[…≤∞]|±(?! )/.test(line))
          assert.equal(stringWidth(ascii), stringWidth(line), `${file}: ${line}`)
      }
  })

  it('what others named keeps its letters and its columns', () => {
    assert.equal(toAscii('café: 日本 ok'), 'caf?: ???? ok')
    assert.equal(toAscii('cafe\u0301'), 'cafe')
    assert.equal(toAscii('a ± 2 %, 850 µs – 1 ms'), 'a +-2 %, 850 us - 1 ms')
  })

  it('the first locale that is set decides, and none is UTF-8', () => {
    assert.equal(isAsciiLocale({}), false)
    assert.equal(isAsciiLocale({ LANG: 'C' }), true)
    assert.equal(isAsciiLocale({ LANG: 'POSIX', LC_CTYPE: 'UTF-8' }), false)
    assert.equal(isAsciiLocale({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }), true)
    assert.equal(isAsciiLocale({ LC_ALL: '', LANG: 'de_DE.utf8' }), false)
    assert.equal(isAsciiLocale({ LANG: 'de_DE.ISO-8859-1' }), true)
  })
})
