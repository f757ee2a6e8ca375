/** The reliable protocols over datagrams, over networks that lose. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab, withoutNat } from '../support/lab.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { without } from '../support/programs.ts'
import { bench, folder } from './cli.ts'
import { assertLaw, readCsv } from './rows.ts'
import { assertMeasured, useLab } from './two-hosts.ts'

const TRANSPORTS = ['udp-stop-and-wait', 'udp-arq'] as const

const SKIP = withoutNamespaces() || without('nft')

describe('reliable datagrams over a network that loses 3 % each way', { skip: SKIP }, () => {
  for (const engine of ENGINES)
    test(`everything arrives whole, and each loss is counted, ${engine}`, async context => {
      const cwd = folder(context)
      using namespace = new Namespace(65_536)
      const [command = '', ...at] = namespace.words
      const chain = 'add chain inet f c { type filter hook input priority 0; }'
      const rule = 'add rule inet f c meta l4proto udp numgen inc mod 33 == 0 drop'
      for (const line of ['add table inet f', chain, rule]) {
        const { status, stderr } = spawnSync(command, [...at, 'nft', line], { encoding: 'utf8' })
        assert.equal(status, 0, stderr)
      }
      const words = [
        'run',
        '--transport',
        TRANSPORTS.join(),
        '--engine',
        engine,
        '--size',
        '60k',
        '--repeat',
        '4',
      ]
      const short = ['--warmup', '0', '--processes', '1', '-q', '--force', '--out', 'x.csv']
      for (const flag of ['-4', '-6']) {
        const { code, stdout, stderr } = await bench([...words, ...short, flag], { cwd, at: namespace.words })
        assert.equal(code, 0, stdout + stderr)
        const rows = readCsv(join(cwd, 'x.csv'))
        assert.equal(rows.length, 8)
        for (const row of rows) {
          const told = JSON.stringify(row)
          assertLaw([row])
          assert.deepEqual(
            [row.outcome, row.payload_intact, row.bytes_delivered],
            ['completed', true, 61_440],
            told,
          )
          const {
            datagrams_lost: lost = 0,
            datagrams_resent: resent = 0,
            datagrams_offered: offered = 0,
          } = row
          assert.equal(offered, 60 + resent, told)
          assert.ok(lost <= resent, told)
          assert.equal(row.datagrams_delivered, offered - lost, told)
          assert.deepEqual([row.datagrams_duplicated, row.datagrams_refused], [0, 0], told)
        }
        assert.ok(rows.some(row => (row.datagrams_lost ?? 0) > 0))
      }
    })
})

const SKIP_LAB = withoutLab() || withoutNat()

describe('reliable datagrams between two hosts', { skip: SKIP_LAB }, () => {
  const hosts = useLab(SKIP_LAB)

  for (const family of [4, 6] as const)
    test(`everything arrives over a lossy network, IPv${family}, there and back`, async context => {
      hosts.lab.drop('meta l4proto udp numgen random mod 100 < 2')
      context.after(() => hosts.lab.dropNothing())
      for (const way of [[], ['--reverse']]) {
        const words = [
          '--host',
          ADDRESSES.b[family],
          ...way,
          '--transport',
          TRANSPORTS.join(),
          '--size',
          '40k',
        ]
        const result = await hosts.run(context, words)
        assertMeasured(result)
        for (const row of result.rows) {
          const told = JSON.stringify(row)
          assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], told)
          assertLaw([row])
        }
      }
    })

  test('what a router of 20 Mbit/s drops is sent again, by one that adapts to it', async (context: TestContext) => {
    hosts.lab.setBottleneck('20mbit')
    context.after(() => hosts.lab.setBottleneck(undefined))
    const words = ['--host', ADDRESSES.b[4], '--transport', 'udp-arq', '--size', '2M', '--chunk', '1400']
    const result = await hosts.run(context, words)
    assertMeasured(result)
    for (const row of result.rows) {
      assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], JSON.stringify(row))
      // It fills the router's queue, and goes on at its rate: without congestion control most would be lost.
      assert.ok((row.loss_ratio ?? 1) < 0.5, JSON.stringify(row))
    }
  })
})
