/** Scenario files as people write them: right, and wrong in every way that came to mind. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { loadScenario } from '../../../scenarios/load.ts'

const KNOWN = {
  transports: ['tcp', 'udp-header', 'udp-marker'],
  workloads: ['transfer'],
  engines: ['native', 'node'],
}
const folder = mkdtempSync(join(tmpdir(), 'scenarios-'))
const mine = join(folder, 'mine.yaml')
after(() => rmSync(folder, { recursive: true, force: true }))

test('every key is read into its unit', () => {
  const scenario = load(`
name: everything
summary: all
  keys
transport: [tcp, udp-marker]
size: [800k, 1000, 800kB]
chunk: 1024
repeat: 3
warmup: 0
rate: 400M
rcvbuf: default
sndbuf: 4m
max-datagram: none
drain: 200ms
timeout: 1.5s
seed: 4294967295
nodelay: false
ip: 6
variants:
  - label: a file
    file: picture.png
    transport: tcp
    rate: 1G
    rcvbuf: 1M
    os-profile: freebsd
`)
  const { variants, ...rest } = scenario
  assert.deepEqual(defined(rest), {
    name: 'everything',
    summary: 'all keys',
    transports: ['tcp', 'udp-marker'],
    sizesBytes: [819_200, 1000, 800_000],
    chunksBytes: [1024],
    repeat: 3,
    warmup: 0,
    rateBps: 400_000_000,
    rcvbufBytes: 'default',
    sndbufBytes: 4_194_304,
    maxDatagramBytes: 'none',
    drainMs: 200,
    timeoutMs: 1500,
    seed: 4_294_967_295,
    nodelay: false,
    ipFamily: 6,
  })
  assert.deepEqual(variants.map(defined), [
    {
      label: 'a file',
      files: [join(folder, 'picture.png')],
      transports: ['tcp'],
      rateBps: 1_000_000_000,
      rcvbufBytes: 1_048_576,
      osProfile: 'freebsd',
    },
  ])
})

test('a key that is not given is undefined, and the name is the file’s', () => {
  assert.deepEqual(defined(load('size: 1k')), { name: 'mine', sizesBytes: [1024], variants: [] })
  const odd = join(folder, '.my odd ñame.yml')
  writeFileSync(odd, 'size: 1k')
  assert.equal(loadScenario(odd, KNOWN).name, 'my-odd-ame')
})

test('files are relative to the scenario, absolute ones stay', () => {
  const scenario = load('file: [a.png, ../b.png, /c/d.png]')
  assert.deepEqual(scenario.files, [join(folder, 'a.png'), join(folder, '..', 'b.png'), '/c/d.png'])
})

test('size may be left to the variants, if each has its own or a file', () => {
  const scenario = load('variants: [{label: a, size: 1k}, {label: b, file: x}]')
  assert.equal(scenario.variants.length, 2)
})

test('anchors and aliases work, also for what is wrong in them', () => {
  assert.deepEqual(load('size: &s [1k, 2k]\nchunk: *s').chunksBytes, [1024, 2048])
  fails('size: 1\nvariants: &v [{label: a, size: 9x}]', '2:32: variants[0].size: not a size: "9x"')
})

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
  ['chunk: 1k', '1:1: size: nothing to send; give size or file'],
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

test('of very many mistakes the first are told, and how many there are', () => {
  const message = thrownBy(() => load(`size: [${Array(1000).fill('x').join(',')}]`))
  assert.deepEqual([message.split('\n').length, message.split('\n').at(-1)], [21, '… and 980 more'])
})

test('where and by what it is measured can be said, too; folders are relative to the file', () => {
  const { engine, pins, keep, from, to } = load(
    'size: 1\nengine: node\npin: 0,1\nkeep: kept\nfrom: 192.0.2.7\nto: "[2001:db8::7]:9"',
  )
  assert.deepEqual([engine, pins, keep], ['node', { sender: 0, receiver: 1 }, join(folder, 'kept')])
  assert.deepEqual(
    [from, to],
    [
      { host: '192.0.2.7', port: undefined },
      { host: '2001:db8::7', port: 9 },
    ],
  )
  fails('size: 1\nengine: nodes', '2:9: engine: "nodes" is not one of auto, native, node; did you mean node?')
})

test('a file that is not there, not a file or no scenario is told by its path', () => {
  const messageOf = (path: string) => thrownBy(() => loadScenario(path, KNOWN))
  const missing = join(folder, 'missing.yaml')
  assert.match(messageOf(missing), /^cannot read scenario .*missing\.yaml: no such file; check the path/)
  const directory = join(folder, 'directory.yaml')
  mkdirSync(directory)
  assert.match(messageOf(directory), /^cannot read scenario .*: a directory; give the path of a \.yaml file$/)
  if (process.platform !== 'win32') assert.match(messageOf('/dev/zero'), /not a file/)
  const large = join(folder, 'large.yaml')
  writeFileSync(large, Buffer.alloc(1024 * 1024 + 1, '#'))
  assert.match(messageOf(large), /larger than 1 MiB/)
})

test('an unreadable file is told', { skip: process.getuid?.() === 0 || process.platform === 'win32' }, () => {
  const secret = join(folder, 'secret.yaml')
  writeFileSync(secret, 'size: 1k', { mode: 0 })
  assert.match(
    thrownBy(() => loadScenario(secret, KNOWN)),
    /permission denied; make it readable/,
  )
})

test('an unknown built-in lists the known ones and the nearest', () => {
  const message = thrownBy(() => loadScenario('pictur', KNOWN))
  assert.match(message, /^unknown scenario: "pictur"; did you mean picture\? built in are ci, datagrams,/)
  assert.doesNotMatch(
    thrownBy(() => loadScenario('', KNOWN)),
    /did you mean/,
  )
})

function load(text: string) {
  writeFileSync(mine, text)
  return loadScenario(mine, KNOWN)
}

function fails(text: string, message: string): void {
  const told = thrownBy(() => load(text))
  assert(told.startsWith(`${mine}:`), told)
  assert(told.includes(message), `${told}\nlacks ${message}`)
  assert.match(told, /^[^\n\r]*$/)
  assert.match(told.slice(mine.length), /^:\d+:\d+: /)
}

function thrownBy(action: () => unknown): string {
  try {
    action()
  } catch (thrown) {
    assert(thrown instanceof UsageError, String(thrown))
    return thrown.message
  }
  return assert.fail('nothing was thrown')
}

function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}

/** Nine aliases in each of six levels: half a million values from a few lines. */
function bomb(): string {
  const levels = Array.from({ length: 6 }, (_, level) => {
    const item = level === 0 ? '1' : `*l${level - 1}`
    return `l${level}: &l${level} [${Array(9).fill(item).join(',')}]`
  })
  return levels.join('\n')
}
