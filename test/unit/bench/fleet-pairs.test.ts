/** The hosts of a fleet as a file names them, and which of them are pairs. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { readHosts } from '../../../bench/fleet/planning/hosts-file.ts'
import { pairsOf } from '../../../bench/fleet/planning/pairs.ts'

const HOSTS = [
  { name: 'a', labels: { zone: 'x' } },
  { name: 'b', labels: { zone: 'x' } },
  { name: 'c', labels: { zone: 'y' } },
  { name: 'd', labels: {} },
]
const written = (...asked: string[]) =>
  pairsOf(HOSTS, asked)
    .map(pair => pair.map(index => HOSTS[index]?.name).join('>'))
    .sort()
    .join(' ')

describe('--pairs', () => {
  it('are all, or follow from labels and names', () => {
    assert.equal(pairsOf(HOSTS, ['all']).length, 12)
    assert.equal(written('within:zone'), 'a>b b>a')
    assert.equal(written('across:zone'), 'a>c a>d b>c b>d c>a c>b c>d d>a d>b d>c')
    assert.equal(written('a>*'), 'a>b a>c a>d')
    assert.equal(written('a<>c'), 'a>c c>a')
    assert.equal(written('zone=x>zone=y'), 'a>c b>c')
    assert.equal(written('a>b', 'a>b', 'c>d'), 'a>b c>d')
  })

  it('that name nobody, or no pair, are refused', () => {
    const refused = (asked: string, part: RegExp) =>
      assert.throws(() => pairsOf(HOSTS, [asked]), { name: UsageError.name, message: part })
    refused('a>e', /no host is "e"/)
    refused('zon=x>a', /did you mean zone=x\?/)
    refused('across:rack', /no host has a label "rack"/)
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
      ['hosts:\n  a b: 192.0.2.7\n  c: 192.0.2.8\n', /hosts/],
      ['hosts:\n  a: "x:y:z"\n  c: 192.0.2.8\n', /a: not a target/],
      ['hosts: {a: 192.0.2.7\n', /hosts\.yaml: /],
      ['- a\n', /hosts\.yaml: /],
      ['hosts:\n  a: {addres: 192.0.2.7}\n  b: 192.0.2.8\n', /hosts\.a/],
    ] as const)
      assert.throws(() => read(text), { name: UsageError.name, message: part }, text)
  })
})
