/** Scenario files as people write them: what is right, and where a scenario is looked for. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { loadScenario } from '../../../scenarios/load.ts'
import { fails, folder, KNOWN, load, thrownBy } from '../../support/scenario-files.ts'

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
  assert.equal(loadScenario(odd, { known: KNOWN }).name, 'my-odd-ame')
})

test('files are relative to the scenario, absolute ones stay', () => {
  const scenario = load('file: [a.png, ../b.png, /c/d.png]')
  assert.deepEqual(scenario.files, [join(folder, 'a.png'), join(folder, '..', 'b.png'), '/c/d.png'])
})

test('a transport with a star, or the start of names, stands for all that match', () => {
  const { transports, variants } = load(
    'size: 1k\ntransport: udp\nvariants: [{label: a, transport: [tcp, "*-marker"]}]',
  )
  assert.deepEqual(
    transports,
    KNOWN.transports.filter(each => each.startsWith('udp-')),
  )
  assert.deepEqual(variants[0]?.transports, ['tcp', 'udp-marker'])
})

test('size may be left to the variants, if each has its own or a file', () => {
  const scenario = load('variants: [{label: a, size: 1k}, {label: b, file: x}]')
  assert.equal(scenario.variants.length, 2)
})

test('anchors and aliases work, also for what is wrong in them', () => {
  assert.deepEqual(load('size: &s [1k, 2k]\nchunk: *s').chunksBytes, [1024, 2048])
  fails('size: 1\nvariants: &v [{label: a, size: 9x}]', '2:32: variants[0].size: not a size: "9x"')
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
  const messageOf = (path: string) => thrownBy(() => loadScenario(path, { known: KNOWN }))
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

const isRoot = process.getuid?.() === 0 && 'root may read everything'
const readsAll = process.platform === 'win32' ? 'Windows has no such modes' : isRoot

test('an unreadable file is told', { skip: readsAll }, () => {
  const secret = join(folder, 'secret.yaml')
  writeFileSync(secret, 'size: 1k', { mode: 0 })
  assert.match(
    thrownBy(() => loadScenario(secret, { known: KNOWN })),
    /permission denied; make it readable/,
  )
})

test('an unknown built-in lists the known ones and the nearest', () => {
  const message = thrownBy(() => loadScenario('pictur', { known: KNOWN }))
  assert.match(
    message,
    /^unknown scenario: "pictur"; did you mean picture\? built in are camera, ci, datagrams,/,
  )
  assert.doesNotMatch(
    thrownBy(() => loadScenario('', { known: KNOWN })),
    /did you mean/,
  )
})

function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}
