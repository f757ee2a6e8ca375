/** What `bench fleet` measures: as its scenario says, over the IP version of its hosts, and nothing that it could not do. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'
import { type ServeSetting, startServer, TOKEN } from './two-hosts.ts'

const ONCE = ['--warmup', '0', '--serial', '0', '--no-chart']

/** Servers at one address, in a file of hosts. */
async function twoHosts(context: TestContext, setting: Pick<ServeSetting, 'listen' | 'words'>) {
  const cwd = folder(context)
  const servers = await Promise.all([1, 2].map(() => startServer({ cwd, ...setting })))
  context.after(() => Promise.all(servers.map(server => server[Symbol.asyncDispose]())))
  const place = setting.listen?.replace(/:0$/, '')
  const lines = servers.map(({ port }, index) => `  ${'ab'[index]}: "${place}:${port}"\n`)
  writeFileSync(join(cwd, 'hosts.yaml'), `hosts:\n${lines.join('')}`)
  return cwd
}

describe('what a fleet measures', { concurrency: 2 }, () => {
  test('the engine of a scenario is that of the hosts, and rows have the IP version of their addresses', async context => {
    const cwd = await twoHosts(context, { listen: '[::1]:0' })
    writeFileSync(join(cwd, 'own.yaml'), 'name: own\nsize: 20k\ntransport: tcp\nengine: node\n')
    const run = (...words: readonly string[]) =>
      bench(['fleet', 'run', 'own.yaml', ...ONCE, ...words], { cwd, env: { BENCH_TOKEN: TOKEN } })
    const { code, stderr } = await run('--hosts', 'hosts.yaml', '--out', 'f.csv')
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual(
      rows.map(row => [row.engine, row.ip_family, row.outcome]),
      [
        ['node', 6, 'completed'],
        ['node', 6, 'completed'],
      ],
    )
    // By now there is a host of the other version, which is not of that run.
    const hosts = readFileSync(join(cwd, 'hosts.yaml'), 'utf8')
    writeFileSync(join(cwd, 'more.yaml'), `${hosts}  c: 127.0.0.1:1\n`)
    const resumed = await run('--hosts', 'more.yaml', '--resume', 'f.csv', '--out', 'g.csv')
    assert.equal(resumed.code, 0, resumed.stderr)
    assert.deepEqual(readCsv(join(cwd, 'g.csv')), rows)
  })

  test('servers that take one client at a time are not busy with the one that has just gone', async context => {
    const cwd = await twoHosts(context, { listen: '127.0.0.1:0', words: ['--max-sessions', '1'] })
    const words = ['--size', '20k', '--transport', 'tcp', '--repeat', '4', '--out', 'f.csv']
    const { code, stderr } = await bench(['fleet', 'run', '--hosts', 'hosts.yaml', ...ONCE, ...words], {
      ...{ cwd, env: { BENCH_TOKEN: TOKEN } },
    })
    assert.equal(code, 0, stderr)
    assert.equal(readCsv(join(cwd, 'f.csv')).length, 8)
  })

  test('hosts whose addresses are of two IP versions are named so', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'hosts.yaml'), 'hosts: {a: "127.0.0.1:1", b: "[::1]:1"}\n')
    const words = ['fleet', 'run', '--hosts', 'hosts.yaml', '--size', '20k', ...ONCE]
    const { code, stderr } = await bench(words, { cwd, env: { BENCH_TOKEN: TOKEN } })
    assert.equal(code, 1)
    const remedy = 'give them addresses of one IP version'
    assert.match(
      stderr,
      new RegExp(`^not measured: a to b: a has an IPv4 .*, and b an IPv6 one; ${remedy}$`, 'm'),
    )
    assert.match(
      stderr,
      new RegExp(`^not measured: b to a: b has an IPv6 .*, and a an IPv4 one; ${remedy}$`, 'm'),
    )
  })

  test('what it cannot do between two other hosts is refused before there is a file', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'hosts.yaml'), 'hosts: {a: 192.0.2.7, b: 192.0.2.8}\n')
    writeFileSync(join(cwd, 'place.yaml'), 'name: place\nsize: 20k\nhost: 192.0.2.1\n')
    writeFileSync(join(cwd, 'picture.bin'), 'a picture')
    const refused = async (words: string, part: string) => {
      for (const action of ['plan', 'run --out f.csv']) {
        const all = ['fleet', ...action.split(' '), ...words.split(' '), '--hosts', 'hosts.yaml']
        assertRefused(await bench(all, { cwd, env: { BENCH_TOKEN: TOKEN } }), part)
      }
      assert(!existsSync(join(cwd, 'f.csv')))
    }
    await refused('--impair loss=5%', '--impair and --path need an end on this host')
    await refused('--path wifi-good', '--impair and --path need an end on this host')
    await refused('--bind 127.0.0.1', '--bind is for an end on this host, but both are on others')
    await refused('--interface lo', '--interface is for an end on this host, but both are on others')
    await refused('--transport udp-multicast', 'udp-multicast sends to a group, but bench serve sends to')
    await refused('--file picture.bin', '--file is on this host, but other hosts send generated data')
    await refused('place.yaml', 'host: a scenario of a fleet is measured between the hosts of --hosts')
  })
})
