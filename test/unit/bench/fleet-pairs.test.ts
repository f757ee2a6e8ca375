/** The hosts of a fleet as a file names them, and which of them are pairs. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { placeToListen } from '../../../bench/cli/fleet/deploy.ts'
import { familyOfHosts } from '../../../bench/cli/fleet/plans.ts'
import { hostsOfRun } from '../../../bench/cli/fleet/resume.ts'
import { pairsAlone } from '../../../bench/fleet/planning/alone.ts'
import { readHosts } from '../../../bench/fleet/planning/hosts-file.ts'
import { pairsOf } from '../../../bench/fleet/planning/pairs.ts'
import { roundsOf } from '../../../bench/fleet/planning/rounds.ts'

const HOSTS = [
  { name: 'a', labels: { zone: 'x' } },
  { name: 'b', labels: { zone: 'x' } },
  { name: 'c', labels: { zone: 'y' } },
  { name: 'd', labels: {} },
  { name: 'e', labels: {} },
]
const written = (...asked: string[]) =>
  pairsOf(HOSTS, asked)
    .map(pair => pair.map(index => HOSTS[index]?.name).join('>'))
    .sort()
    .join(' ')

describe('--pairs', () => {
  it('are all, or follow from labels and names', () => {
    assert.equal(pairsOf(HOSTS, ['all']).length, 20)
    assert.equal(written('within:zone'), 'a>b b>a')
    assert.equal(written('across:zone'), 'a>c b>c c>a c>b')
    assert.equal(written('a>*'), 'a>b a>c a>d a>e')
    assert.equal(written('a<>c'), 'a>c c>a')
    assert.equal(written('zone=x>zone=y'), 'a>c b>c')
    assert.equal(written('a>b', 'a>b', 'c>d'), 'a>b c>d')
  })

  it('that name nobody, or no pair, are refused', () => {
    const refused = (asked: string, part: RegExp) =>
      assert.throws(() => pairsOf(HOSTS, [asked]), { name: UsageError.name, message: part })
    refused('a>f', /no host is "f"/)
    refused('zon=x>a', /did you mean zone=x\?/)
    refused('across:rack', /no host has a label "rack"/)
    // Every object has one.
    refused('within:constructor', /no host has a label "constructor"/)
    refused('a>a', /no two hosts are a pair/)
    refused('a-b', /write all, across:LABEL/)
  })
})

describe('a file of hosts', () => {
  const read = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-hosts-'))
    try {
      writeFileSync(join(folder, 'hosts.yaml'), text)
      return readHosts(join(folder, 'hosts.yaml'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it('has an address for each, and labels', () => {
    assert.deepEqual(
      read('hosts:\n  a: 192.0.2.7\n  b: {address: "[2001:db8::7]:6000", labels: {rack: 3}}\n'),
      [
        { name: 'a', address: { host: '192.0.2.7', port: undefined }, labels: {} },
        { name: 'b', address: { host: '2001:db8::7', port: 6000 }, labels: { rack: '3' } },
      ],
    )
  })

  it('has names and labels as they are written, also such as other files have for numbers', () => {
    const labels = { rack: '007', release: '1.10', spare: 'yes', row: '0x10' }
    const written = Object.entries(labels).map(([name, value]) => `${name}: ${value}`)
    assert.deepEqual(
      read(`hosts:\n  007: 192.0.2.7\n  b: {address: 192.0.2.8, labels: {${written.join(', ')}}}\n`).map(
        host => [host.name, host.labels],
      ),
      [
        ['007', {}],
        ['b', labels],
      ],
    )
  })

  it('may say where ssh logs in, in words that neither ssh nor a shell reads as more', () => {
    const ssh = (text: string) =>
      read(`hosts:\n  a: {address: 192.0.2.7, ssh: ${JSON.stringify(text)}}\n  b: 192.0.2.8\n`)[0]?.ssh
    assert.deepEqual(ssh('node_7'), { host: 'node_7', port: undefined })
    assert.deepEqual(ssh('me.too@n7.example:2222'), { user: 'me.too', host: 'n7.example', port: 2222 })
    assert.deepEqual(ssh('me@[fe80::1%eth0]:22'), { user: 'me', host: 'fe80::1%eth0', port: 22 })
    const odd = [
      '',
      '-F/x',
      'me@-F',
      '-l@h',
      'a b',
      '$(x)',
      'h;x',
      'h`x`',
      "h'x",
      'me@',
      '@h',
      'h:0',
      'a@b@c',
      'h\nx',
    ]
    for (const text of odd)
      assert.throws(() => ssh(text), { name: UsageError.name, message: /hosts\.yaml: a: not a / }, text)
  })

  it('that is not as it should be is refused in one line', () => {
    for (const [text, part] of [
      ['hosts:\n  a: 192.0.2.7\n', /2 to 1000 hosts, not 1/],
      ['hosts:\n  a: 192.0.2.7\n  b: 192.0.2.7\n', /b has the address of another one/],
      ['hosts:\n  a: 192.0.2.7\n  b: 192.0.2.7:5990\n', /b has the address of another one/],
      ['hosts:\n  __proto__: 192.0.2.7\n  b: 192.0.2.8\n  c: 192.0.2.9\n', /__proto__ is no name/],
      ['hosts:\n  a b: 192.0.2.7\n  c: 192.0.2.8\n', /hosts/],
      ['hosts:\n  a: "x:y:z"\n  c: 192.0.2.8\n', /a: not a target/],
      ['hosts: {a: 192.0.2.7\n', /hosts\.yaml: /],
      ['- a\n', /hosts\.yaml: /],
      ['hosts:\n  a: *x\n  b: 192.0.2.8\n', /hosts\.yaml: Unresolved alias .*: x; write hosts: with a line/],
      [
        'hosts:\n  "<b>": 192.0.2.7\n  c: 192.0.2.8\n',
        /hosts\.<b>: letters, digits, dots and dashes only; write/,
      ],
      ['hosts:\n  a: {address: x, labels: {"<b>": y}}\n', /hosts\.a\.labels\.<b>: letters, digits/],
      ['hosts:\n  a: {address: x, labels: {zone: {x: y}}}\n', /labels\.zone: a label has one value/],
      ['hosts:\n  a: {address: x, labels: {zone: }}\n', /labels\.zone: a label has one value/],
      ['hosts:\n  a: {address: x, labels: {zone: [x]}}\n', /labels\.zone: a label has one value/],
      ['hosts:\n  a: {addres: 192.0.2.7}\n  b: 192.0.2.8\n', /hosts\.a/],
    ] as const)
      assert.throws(() => read(text), { name: UsageError.name, message: part }, text)
  })
})

it('a server is deployed to listen over IPv6, which includes IPv4, where its name has such an address', () => {
  const [four, six] = [
    { host: '192.0.2.7', family: 4 },
    { host: '2001:db8::7', family: 6 },
  ] as const
  assert.equal(placeToListen('n.example', [four]), '0.0.0.0')
  assert.equal(placeToListen('n.example', [six]), '::')
  assert.equal(placeToListen('n.example', [four, six]), '::')
  assert.equal(placeToListen('n.example', []), '0.0.0.0')
  assert.equal(placeToListen('2001:db8::7', []), '::')
  assert.equal(placeToListen('127.0.0.2', [{ host: '127.0.0.2', family: 4 }]), '127.0.0.2')
})

it('hosts are measured over the IP version of most of their addresses, where nothing else says it', () => {
  const hosts = (...names: readonly string[]) => names.map(host => ({ address: { host, port: undefined } }))
  assert.equal(familyOfHosts(hosts('2001:db8::7', '2001:db8::8', '192.0.2.7')), 6)
  assert.equal(familyOfHosts(hosts('2001:db8::7', 'n.example')), 4)
  assert.equal(familyOfHosts([]), 4)
})

describe('a run that goes on', () => {
  const host = (name: string, zone: string) => ({
    name,
    address: { host: `${name}.example`, port: undefined },
    labels: { zone },
  })
  const fleet = { hosts: { b: { zone: 'x' }, a: { zone: 'y' } } }

  it('has the hosts that it began with, in their order and with their labels', () => {
    const { hosts, notes } = hostsOfRun('f', fleet, [host('a', 'z'), host('b', 'x'), host('c', 'x')], false)
    assert.deepEqual(hosts, [host('b', 'x'), host('a', 'y')])
    assert.deepEqual(notes, ['note: not of the run, and left out: c\n'])
  })

  it('names those that are away, which may be there again, and is refused without them in a file', () => {
    const { hosts, notes } = hostsOfRun('f', fleet, [host('a', 'y')], true)
    assert.deepEqual(
      hosts.map(({ name }) => name),
      ['b', 'a'],
    )
    assert.deepEqual(notes, ['note: not there now, and of the run: b\n'])
    assert.throws(() => hostsOfRun('f', fleet, [host('a', 'y')], false), {
      name: UsageError.name,
      message: /^--resume f: it has host b, which --hosts has not/,
    })
  })
})

describe('pairs that are measured once more alone', () => {
  const hosts = 12
  const all = Array.from({ length: hosts }, (_, from) =>
    Array.from({ length: hosts }, (_, to): [number, number] => [from, to]).filter(([a, b]) => a !== b),
  ).flat()
  const rounds = roundsOf(hosts, all, 1)
  const labels = Array.from(
    { length: hosts },
    (_, host): Record<string, string> => ({ site: host < 6 ? 'x' : 'y' }),
  )

  it('are so many different ones, spread over hosts and ways between labels, by the seed', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const alone = pairsAlone(rounds, labels, 12, seed)
      assert.equal(new Set(alone.map(String)).size, 12)
      assert.equal(new Set(alone.flat()).size, hosts, 'each host has a pair')
      const ways = alone.map(pair => pair.map(host => labels[host]?.['site']).join('>'))
      for (const way of ['x>x', 'x>y', 'y>x', 'y>y'])
        assert.equal(ways.filter(each => each === way).length, 3, `${seed} ${ways}`)
    }
    assert.deepEqual(pairsAlone(rounds, labels, 8, 3), pairsAlone(rounds, labels, 8, 3))
    assert.notDeepEqual(pairsAlone(rounds, labels, 8, 3), pairsAlone(rounds, labels, 8, 4))
  })

  it('are found among more pairs than a function takes arguments', () => {
    const many = Array.from({ length: 400 }, (_, from) =>
      Array.from({ length: 400 }, (_, to): [number, number] => [from, to]).filter(([a, b]) => a !== b),
    ).flat()
    const alone = pairsAlone([many], [], 200, 1)
    assert.deepEqual([alone.length, new Set(alone.flat()).size], [200, 400])
  })

  it('are none of rounds that have one pair, and no more than there are', () => {
    assert.deepEqual(pairsAlone([[[0, 1]], [[1, 0]]], labels, 8, 1), [])
    assert.equal(
      pairsAlone(
        [
          [
            [0, 1],
            [2, 3],
          ],
          [[1, 0]],
        ],
        labels,
        8,
        1,
      ).length,
      2,
    )
    assert.deepEqual(pairsAlone(rounds, labels, 0, 1), [])
  })
})
