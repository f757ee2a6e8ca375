/** `bench fleet` where hosts have several addresses, of which a receiver expects the data from one. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

test('data come from the address that the receiver was visited from, also where the receiver shares the client’s address', {
  skip: process.platform === 'linux' ? false : '127.0.0.2 is an address of Linux alone',
}, async context => {
  const cwd = folder(context)
  // A visit to 127.0.0.1 comes from there; the client has reached the visitor at 127.0.0.2.
  await using one = await startServer({ cwd, listen: '127.0.0.1:0' })
  await using other = await startServer({ cwd, listen: '127.0.0.2:0' })
  writeFileSync(
    join(cwd, 'hosts.yaml'),
    `hosts: {a: "127.0.0.1:${one.port}", b: "127.0.0.2:${other.port}"}\n`,
  )
  const words = [
    '--size',
    '20k',
    '--transport',
    'tcp,tls,udp-header,udp-marker,messages-udp,udp-arq',
    '--warmup',
    '0',
    '--no-chart',
    '--serial',
    '0',
  ]
  const { code, stderr } = await bench(
    ['fleet', 'run', '--hosts', 'hosts.yaml', ...words, '--out', 'f.csv'],
    { cwd, env: { BENCH_TOKEN: TOKEN } },
  )
  assert.equal(code, 0, stderr)
  const rows = readCsv(join(cwd, 'f.csv'))
  for (const pair of ['ab', 'ba']) {
    const own = rows.filter(row => `${row.pair_from}${row.pair_to}` === pair)
    assert.ok(own.length >= 3, pair)
    // Datagrams of a busy machine may be lost, but none comes from elsewhere.
    for (const { transport, outcome, datagrams_stray = 0 } of own)
      assert.deepEqual(
        [datagrams_stray, outcome === 'completed' || (transport.includes('udp') && outcome === 'incomplete')],
        [0, true],
        `${pair} ${transport}`,
      )
  }
})
