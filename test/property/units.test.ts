/** Units for every number, not only for those that came to mind. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../base/errors.ts'
import {
  formatBytes,
  formatMs,
  formatPercent,
  formatRate,
  formatSize,
  parseBytes,
  parseDuration,
  parseRate,
} from '../../base/units.ts'

const PREFIXES = ['k', 'M', 'G', 'T'] as const
const LARGEST = Number.MAX_SAFE_INTEGER
const bytes = fc.oneof(
  fc.maxSafeNat(),
  fc.nat({ max: 10_000_000 }),
  fc.nat({ max: 4096 }).map(n => n * 1024 ** 3),
)

test('what is shown of a size says exactly that size', () => {
  fc.assert(
    fc.property(bytes, value => {
      const typed = (shown: string) => parseBytes(shown.replaceAll(/[ ,]/g, ''))
      assert.equal(typed(formatBytes(value)), value)
      assert.equal(typed(formatSize(value)), value)
      assert.equal(parseBytes(String(value)), value)
    }),
  )
})

test('a prefix is a power of 1,024, and with B alone of 1,000, in either case', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8000 }), fc.nat({ max: 3 }), fc.boolean(), (count, index, upper) => {
      const prefix = PREFIXES[index] ?? ''
      const written = upper ? prefix.toUpperCase() : prefix.toLowerCase()
      const binary = count * 1024 ** (index + 1)
      assert.equal(parseBytes(`${count}${written}`), binary)
      assert.equal(parseBytes(`${count}${written}iB`), binary)
      assert.equal(parseBytes(`${count}${written}B`), count * 1000 ** (index + 1))
    }),
  )
})

test('a decimal of a size, a rate or a duration is read without a rounding error', () => {
  const digits = fc.integer({ min: 1, max: 8_999_999 })
  fc.assert(
    fc.property(digits, fc.nat({ max: 3 }), fc.integer({ min: 2, max: 3 }), (thousandths, index, power) => {
      const decimal = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`
      const prefix = PREFIXES[index] ?? ''
      assert.equal(parseRate(`${decimal}${prefix}`), thousandths * 1000 ** index)
      assert.equal(parseBytes(`${decimal}${PREFIXES[power]}B`), thousandths * 1000 ** power)
      assert.equal(parseDuration(`${decimal}s`), thousandths)
      assert.equal(parseDuration(`${decimal}m`), thousandths * 60)
    }),
  )
})

test('a fraction of a byte is refused, never rounded', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 999 }), (whole, thousandths) => {
      const text = `${whole}.${String(thousandths).padStart(3, '0')}`
      assert.throws(() => parseBytes(text), UsageError)
      // 1,024/1,000 in lowest terms is 128/125: whole bytes only for multiples of 0.125.
      if (thousandths % 125 !== 0) assert.throws(() => parseBytes(`${text}k`), UsageError)
      else assert.equal(parseBytes(`${text}k`), (whole + thousandths / 1000) * 1024)
    }),
  )
})

test('more is never read as less', () => {
  const natural = fc.nat({ max: 1_000_000 })
  fc.assert(
    fc.property(natural, natural, fc.constantFrom('', ...PREFIXES), (one, other, prefix) => {
      const [less, more] = one < other ? [one, other] : [other, one]
      const sizes = (suffix: string) =>
        [parseBytes(`${less}${suffix}`), parseBytes(`${more}${suffix}`)] as const
      for (const suffix of prefix === '' ? ['', 'B'] : [prefix, `${prefix}iB`, `${prefix}B`]) {
        if (more * 1024 ** 4 > LARGEST && prefix === 'T') continue
        const [low, high] = sizes(suffix)
        assert(less === more ? low === high : low < high)
      }
      if (less > 0 && prefix !== 'T') assert(parseRate(`${less}${prefix}`) <= parseRate(`${more}${prefix}`))
    }),
  )
})

test('whatever is typed is read or refused with a usage error of one line', () => {
  const almost = fc.stringMatching(/^[0-9]{0,25}\.?[0-9]{0,5} ?[kKmMgGtTx]?(iB|B|b|bit\/s|bps|ms|s|m|e3)?$/)
  const typed = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), almost)
  fc.assert(
    fc.property(typed, text => {
      const size = attempt(() => parseBytes(text))
      assert(size === undefined || (Number.isSafeInteger(size) && size >= 0))
      const rate = attempt(() => parseRate(text))
      assert(rate === undefined || (rate > 0 && rate <= LARGEST))
      const duration = attempt(() => parseDuration(text))
      assert(duration === undefined || (duration >= 0 && duration < 2 ** 31))
    }),
    { numRuns: 2000 },
  )
})

test('a rate and a time are shown to half a unit of the third digit', () => {
  const magnitudes: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, µ: 1e-3, s: 1e3 }
  const positive = fc.double({ min: 0.001, max: 1e14, noNaN: true })
  fc.assert(
    fc.property(positive, value => {
      const [rate = '', rateUnit = ''] = formatRate(value).split(' ')
      close(Number(rate) * (magnitudes[rateUnit.replace('bit/s', '')] ?? 1), value)
      const [time = '', timeUnit = ''] = formatMs(value).split(' ')
      close(Number(time) * (timeUnit === 'ms' ? 1 : (magnitudes[timeUnit[0] ?? ''] ?? Number.NaN)), value)
    }),
  )
})

test('a share is shown as none or all only when it is', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), ratio => {
      const text = formatPercent(ratio)
      assert.equal(text === '0 %', ratio === 0)
      assert.equal(text === '100 %', ratio === 1)
    }),
  )
})

function close(shown: number, value: number): void {
  assert(Math.abs(shown - value) <= value * 0.00501, `${shown} for ${value}`)
}

/** What `parse` gives; undefined when it refuses with a usage error. Anything else that is thrown is a failure. */
function attempt(parse: () => number): number | undefined {
  try {
    return parse()
  } catch (thrown) {
    assert(thrown instanceof UsageError, String(thrown))
    assert(!/[\n\r]/.test(thrown.message))
    return undefined
  }
}
