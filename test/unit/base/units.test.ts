/** What a person types as a size, a rate or a duration, and how numbers are shown to them. */

import assert from 'node:assert/strict'
import test from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import {
  counted,
  formatBytes,
  formatCount,
  formatMs,
  formatPercent,
  formatRate,
  formatSize,
  parseBytes,
  parseDuration,
  parseRate,
} from '../../../base/units.ts'
import { progressLine } from '../../../bench/cli/progress.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'

test('sizes follow the GNU convention: iB and no suffix are 1,024, B after a prefix is 1,000', () => {
  const sizes: Record<string, number> = {
    '0': 0,
    '819200': 819_200,
    '819200B': 819_200,
    '800k': 819_200,
    '800K': 819_200,
    '800KiB': 819_200,
    '800kB': 800_000,
    '800KB': 800_000,
    '1.5M': 1_572_864,
    '1.5MB': 1_500_000,
    '0.5k': 512,
    '1.0': 1,
    '2G': 2_147_483_648,
    '1T': 1_099_511_627_776,
    '1.1MB': 1_100_000,
    ' 4m ': 4_194_304,
    '9007199254740991': Number.MAX_SAFE_INTEGER,
  }
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseBytes(text), bytes, text)
})

test('a size that is none is told with its value and the way to write it', () => {
  for (const text of [
    '',
    'x',
    '-1',
    '1.',
    '.5',
    '1,024',
    '1e3',
    '0x10',
    '800kb',
    '800b',
    '800Kib',
    'k',
    '1 k',
    '1kk',
  ])
    assert.throws(() => parseBytes(text), usage('not a size', JSON.stringify(text), '800k'), text)
  assert.throws(() => parseBytes('1.1'), usage('not a whole number of bytes', '"1.1"'))
  // 1.1 x 1,024 is 1,126.4: no rounding.
  assert.throws(() => parseBytes('1.1k'), usage('not a whole number of bytes', '"1.1k"'))
  assert.throws(() => parseBytes('8192T'), usage('too large a size', '"8192T"'))
  assert.throws(() => parseBytes('9'.repeat(400)), usage('too large a size'))
})

test('rates are SI bits a second', () => {
  const rates: Record<string, number> = {
    '1': 1,
    '1000000': 1_000_000,
    '400M': 400_000_000,
    '400m': 400_000_000,
    '400Mbit/s': 400_000_000,
    '400Mbps': 400_000_000,
    '1.5G': 1_500_000_000,
    '1.1M': 1_100_000,
    '1.005k': 1005,
    '4.35k': 4350,
  }
  for (const [text, bps] of Object.entries(rates)) assert.equal(parseRate(text), bps, text)
})

test('a rate that is none, 0 or beyond all networks is told', () => {
  for (const text of ['', '0', '0.0M', '-1M', '400MB', '400MiB', '400 M', 'unlimited', '1e6'])
    assert.throws(() => parseRate(text), usage('not a rate', JSON.stringify(text), '400M'), text)
  for (const text of ['9008T', '9'.repeat(400)])
    assert.throws(() => parseRate(text), usage('too high a rate'))
})

test('durations carry their unit', () => {
  const durations: Record<string, number> = {
    '0ms': 0,
    '200ms': 200,
    '0.5ms': 0.5,
    '500us': 0.5,
    '0.1µs': 0.0001,
    '1.5s': 1500,
    '1.005s': 1005,
    '2m': 120_000,
    '0.1m': 6000,
    '2147483647ms': 2_147_483_647,
  }
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms, text)
})

test('a bare number is no duration, and neither is one that no timer can wait for', () => {
  for (const text of ['', '200', '5 s', '-1s', '1h', '5S', '1ns', 'us'])
    assert.throws(() => parseDuration(text), usage('not a duration', JSON.stringify(text), '200ms'), text)
  for (const text of ['2147483648ms', '35792m', `${'9'.repeat(400)}s`])
    assert.throws(() => parseDuration(text), usage('too long a duration'))
  assert.equal(parseDuration('35791m'), 2_147_460_000)
})

test('counts and sizes are exact', () => {
  assert.equal(formatCount(819_200), '819,200')
  assert.equal(formatBytes(819_200), '819,200 B')
  const sizes: [number, string][] = [
    [0, '0 B'],
    [1000, '1,000 B'],
    [1024, '1 KiB'],
    [819_200, '800 KiB'],
    [1_572_864, '1.5 MiB'],
    [1_310_720, '1.25 MiB'],
    [813_611, '813,611 B'],
    [65_507, '65,507 B'],
    [1024 ** 4, '1 TiB'],
    [1024 ** 5, '1024 TiB'],
  ]
  for (const [bytes, text] of sizes) assert.equal(formatSize(bytes), text)
})

test('rates have three significant digits, also where rounding changes the unit', () => {
  const rates: [number, string][] = [
    [0, '0 bit/s'],
    [1, '1.00 bit/s'],
    [999.4, '999 bit/s'],
    [999.5, '1.00 kbit/s'],
    [1000, '1.00 kbit/s'],
    [2_414_000_000, '2.41 Gbit/s'],
    [999_600, '1.00 Mbit/s'],
    [99_960_000, '100 Mbit/s'],
    [54e9, '54.0 Gbit/s'],
    [1e15, '1000 Tbit/s'],
  ]
  for (const [bps, text] of rates) assert.equal(formatRate(bps), text)
})

test('times have three significant digits in the unit that fits', () => {
  const times: [number, string][] = [
    [0, '0 µs'],
    [0.00085, '0.850 µs'],
    [0.85, '850 µs'],
    [0.9994, '999 µs'],
    [0.9996, '1.00 ms'],
    [12.34, '12.3 ms'],
    [999.7, '1.00 s'],
    [1200, '1.20 s'],
  ]
  for (const [ms, text] of times) assert.equal(formatMs(ms), text)
})

test('a share is never rounded to none or to all', () => {
  const shares: [number, string][] = [
    [0, '0 %'],
    [1, '100 %'],
    [0.123, '12.3 %'],
    [0.000001, '<0.01 %'],
    [0.9994, '99.9 %'],
    [0.9996, '99.96 %'],
    [0.9999, '99.99 %'],
    [0.99995, '>99.99 %'],
  ]
  for (const [ratio, text] of shares) assert.equal(formatPercent(ratio), text)
})

function usage(...parts: string[]) {
  return (thrown: unknown): boolean => {
    assert(thrown instanceof UsageError, String(thrown))
    for (const part of parts) assert(thrown.message.includes(part), `${thrown.message}\nlacks ${part}`)
    assert(!thrown.message.includes('\n'))
    return true
  }
}

test('bytes a second are never taken for bits', () => {
  for (const [text, bits] of [
    ['400MBps', '3200Mbps'],
    ['1.5GB/s', '12Gbps'],
    ['10kB/s', '80kbps'],
    ['1MBPS', '8Mbps'],
    ['1MiB/s', '8388608bps'],
    ['1.1MB/s', '8.8Mbps'],
    ['1.005GB/s', '8.04Gbps'],
    ['5 Mbytes/s', undefined],
    ['100B/s', '800bps'],
  ] as const) {
    assert.throws(() => parseRate(text), /^UsageError: not a rate/, text)
    if (bits !== undefined)
      assert.throws(() => parseRate(text), new RegExp(`bytes per second; .* such as ${bits}$`), text)
  }
  for (const text of ['400Mbps', '400mbps', '400Mbit/s', '400M', '400MBIT/S', '400Mbit', '400m'])
    assert.equal(parseRate(text), 400e6, text)
})

test('a count agrees with its noun, wherever one may be all there is', () => {
  assert.equal(counted(1, 'trial'), '1 trial')
  assert.equal(counted(0, 'trial'), '0 trials')
  assert.equal(counted(1200, 'process', 'processes'), '1,200 processes')
  const each = {
    transport: 'tcp',
    sizeBytes: 1024,
    chunkBytes: 1024,
    scenario: 's',
    socket: {},
    ipFamily: 4,
    seed: 1,
  } as const
  const running = { each, round: 1, width: 200, catalog: BUILT_IN }
  assert.match(progressLine(0, 1, 0, running), / 0 of 1 trial · /)
  assert.match(progressLine(0, 2, 0, { ...running, side: 'a' }), / 0 of 1 pair · /)
})
