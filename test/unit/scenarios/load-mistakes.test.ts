/** Scenario files that are wrong in every way that came to mind. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { conflictsOf } from '../../../scenarios/conflicts.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { fails, load, mine, thrownBy } from '../../support/scenario-files.ts'

const SIZE = 'write bytes as 819200, 800k (thousands of 1,024) or 800kB (thousands of 1,000)'

/** A file and the error it must give, without the file's name. */
const MISTAKES: [text: string, message: string][] = [
  ['name: x\n# c\nchunk: 1k\nsize:  12x', `4:8: size: not a size: "12x"; ${SIZE}`],
  ['size: 0', '1:7: size: too small: "0"; it must be 1 B or more'],
  ['size: -5', '1:7: size: not a size: "-5"; it must be 1 B or more'],
  ['size: 1.5', '1:7: size: not a whole number of bytes: "1.5"'],
  ['size: .nan', '1:7: size: not a size: ".nan"'],
  ['size: 99999999999999999999', '1:7: size: too large a size: "99999999999999999999"'],
  ['size: 1e30', '1:7: size: not a size: "1e30"'],
  ['size: [1k, 1e30]', '1:12: size: not a size: "1e30"'],
  ['size: 1.50', '1:7: size: not a whole number of bytes: "1.50"'],
  [
    'size: 1\nseed: &s 1000\nrepeat: &r 1\nwarmup: *s\nbatch: *s',
    '5:8: batch: not a whole number from 1 to 64: "1000"',
  ],
  ['size: [1e3, 1000]', '1:13: size: given twice: 1000'],
  [
    'size: 1\nseed: 99999999999999999999',
    '2:7: seed: not a whole number from 0 to 4294967295: "99999999999999999999"',
  ],
  ['size: 1\nbatch: 0x41', '2:8: batch: not a whole number from 1 to 64: "0x41"'],
  ['size: 1\nrate: 99999999999999999999', '2:7: rate: too high a rate: "99999999999999999999"'],
  ['size: 1\nrcvbuf: 1e22', '2:9: rcvbuf: not a size: "1e22"'],
  ['size: 1\ndrain: 1e22', '2:8: drain: not a duration: 1e22; write it with its unit'],
  ['size: 1\nvariants: [{label: 1e22}]', '2:20: variants[0].label: not a label: 1e22'],
  ['size: {a: 1}', '1:7: size: not a size: a mapping'],
  ['size:', '1:6: size: no value; write bytes'],
  ['size: []', '1:7: size: an empty list; give one or more'],
  ['size: [1k,\n  foo]', '2:3: size: not a size: "foo"'],
  ['size: [1k, {a: 1}]', '1:12: size: not a size: a mapping'],
  ['size: [1k, 1024]', '1:12: size: given twice: 1024; keep one'],
  ['size: &x [*x]', '1:11: size: not a size: a list'],
  ['size: 1k\r\nchunk: 0\r\n', '2:8: chunk: too small: "0"'],
  ['size: 1k\nfile: a', '2:7: file: cannot be combined with size; leave one of them out'],
  ['chunk: 1k', '1:1: size: nothing to send; give size, file or duration'],
  ['variants: [{label: a, size: 1}, {label: b}]', '1:1: size: nothing to send'],
  ['file: ""', '1:7: file: not a path: ""'],
  ['file: 5', '1:7: file: not a path: 5'],
  ['size: 1\ntransport: tpc', '2:12: transport: unknown transport "tpc"; did you mean tcp?'],
  [
    'size: 1\ntransport: [tcp, quic]',
    '2:18: transport: unknown transport "quic"; known are tcp, udp-header,',
  ],
  ['size: 1\nrate: 0', '2:7: rate: not a rate: "0"'],
  ['size: 1\nrcvbuf: max', `2:9: rcvbuf: not a size: "max"; ${SIZE}, or default`],
  ['size: 1\nmax-datagram: nun', `2:15: max-datagram: not a size: "nun"; ${SIZE}, or none`],
  ['size: 1\nos-profile: osx', '2:13: os-profile: "osx" is not one of macos, freebsd,'],
  ['size: 1\nos-profile: macos\nmax-datagram: 5', '3:15: max-datagram: cannot be combined with os-profile'],
  ['size: 1\ndrain: 5', '2:8: drain: not a duration: 5; write it with its unit'],
  ['size: 1\ntimeout: 0s', '2:10: timeout: too short: "0s"'],
  ['size: 1\nrepeat: 0', '2:9: repeat: not a whole number from 1 to 1000000: "0"'],
  ['size: 1\nrepeat: 1.5', '2:9: repeat: not a whole number from 1 to 1000000: "1.5"'],
  ['size: 1\nwarmup: -1', '2:9: warmup: not a whole number from 0 to 1000: "-1"'],
  ['size: 1\nseed: 4294967296', '2:7: seed: not a whole number from 0 to 4294967295: "4294967296"'],
  ['size: 1\nip: 5', '2:5: ip: "5" is not one of 4, 6'],
  ['size: 1\nnodelay: yes', '2:10: nodelay: not true or false: "yes"'],
  ['size: 1\nname: ../x', '2:7: name: not a name: "../x"'],
  ['size: 1\nsummary: [a]', '2:10: summary: not a text: a list'],
  ['sizes: 1k', '1:1: sizes: a scenario has no such key; did you mean size?'],
  ['size: 1\nmaxDatagram: 3', '2:1: maxDatagram: a scenario has no such key; did you mean max-datagram?'],
  ['size: 1\n__proto__: 3', '2:1: __proto__: a scenario has no such key; known are name, summary,'],
  ['size: 1\n"a\\nb": 3', '2:1: "a\\nb": a scenario has no such key'],
  ['size: 1\nvariants: 5', '2:11: variants: not a list of variants: 5'],
  ['size: 1\nvariants: []', '2:11: variants: an empty list'],
  ['size: 1\nvariants: [5]', '2:12: variants[0]: not a variant: 5'],
  ['size: 1\nvariants:\n  - chunk: 5', '3:5: variants[0].label: no value'],
  ['size: 1\nvariants:\n  - label: 5', '3:12: variants[0].label: not a label: 5'],
  ['size: 1\nvariants: [{label: a}, {label: a}]', '2:32: variants[1].label: given twice: "a"'],
  [
    'size: 1\nvariants:\n  - label: a\n    repeat: 5',
    '4:5: variants[0].repeat: a variant has no such key; known are label,',
  ],
  [
    'size: 1\nvariants: [{label: a, size: 1, file: b}]',
    '2:38: variants[0].file: cannot be combined with size',
  ],
  ['', '1:1: empty'],
  ['# only a comment\n', '1:1: empty'],
  ['- size: 1k', '1:1: not a scenario: a list'],
  ['size 1k', '1:1: not a scenario: "size 1k"'],
  ['size: 1k\nchunk: 5\nsize: 2k', '3:1: size: given twice; keep one'],
  ['size: 1k\n  chunk: 2', '1:7: not valid YAML'],
  ['size: "1k', 'not valid YAML'],
  ['size: !bytes 1', '1:7: not valid YAML: Unresolved tag: !bytes'],
  ['size: 1\n---\nsize: 2', '2:1: a second document; keep one scenario in a file'],
  ['size: *b', '1:1: cannot be read as YAML: Unresolved alias'],
  ['['.repeat(100_000), 'not valid YAML'],
  [bomb(), '1:1: cannot be read as YAML: Excessive alias count'],
]

for (const [text, message] of MISTAKES)
  test(`mistake: ${JSON.stringify(text).slice(0, 60)}`, () => fails(text, message))

test('all that is wrong is told at once, in the order of the file', () => {
  const message = thrownBy(() =>
    load(`size: [1k, 0, 1k, x]
sizee: 4
rate: fast
variants:
  - label: a
    file: x
    chunk: -1
    repeat: 3
  - chunk: 1
  - label: a
rate: 1G
ip: 5
reverse: true
bidir: true
pin: 3
`),
  )
  const lines = message.split('\n').map(line => line.slice(mine.length + 1))
  assert.deepEqual(
    lines.map(line => line.replace(/^(\d+:\d+: [^:]*: [^:;"]*).*$/, '$1').trim()),
    [
      '1:12: size: too small',
      '1:15: size: given twice',
      '1:19: size: not a size',
      '2:1: sizee: a scenario has no such key',
      '7:12: variants[0].chunk: not a size',
      '8:5: variants[0].repeat: a variant has no such key',
      '9:5: variants[1].label: no value',
      '10:12: variants[2].label: given twice',
      '11:1: rate: given twice',
      '12:5: ip:',
      '14:8: bidir: cannot be combined with reverse',
      '15:6: pin: not two CPUs',
    ],
  )
})

test('what is wrong with a whole file is told once, however many variants it has', () => {
  const text = 'size: 1k\nomit: 1s\nvariants: [{label: a}, {label: b}, {label: c, omit: 2s}]'
  const message = thrownBy(() => load(text, scenario => conflictsOf(scenario, BUILT_IN.transports)))
  const places = message.split('\n').map(line => line.slice(mine.length + 1).split(': ', 1)[0])
  assert.deepEqual(places, ['2:1', '3:47'], message)
})

test('of very many mistakes the first are told, and how many there are', () => {
  const message = thrownBy(() => load(`size: [${Array(1000).fill('x').join(',')}]`))
  assert.deepEqual([message.split('\n').length, message.split('\n').at(-1)], [21, '… and 980 more'])
})

/** Nine aliases in each of six levels: half a million values from a few lines. */
function bomb(): string {
  const levels = Array.from({ length: 6 }, (_, level) => {
    const item = level === 0 ? '1' : `*l${level - 1}`
    return `l${level}: &l${level} [${Array(9).fill(item).join(',')}]`
  })
  return levels.join('\n')
}
