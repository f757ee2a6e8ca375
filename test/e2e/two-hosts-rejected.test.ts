/** A firewall at the receiver's host that rejects: bench has started the receiver, so it cannot be that nobody listens. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { summarize } from '../../results/statistics/summary.ts'
import { findWarnings } from '../../results/warnings/warnings.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { ADDRESSES, withoutLab, withoutNat } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'
import { PORT, useLab } from './two-hosts.ts'

const SKIP = withoutLab() || withoutNat()
/** A host that is unreachable is no reason for UDP to give up: there nothing arrives. */
const REJECTED =
  /so a firewall rejects the data.*: open the receiver’s ports in its firewall|^open the receiver’s UDP ports/

describe('a firewall that rejects', { skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  for (const [engine, family] of [
    ['native', 4],
    ['node', 6],
  ] as const)
    test(`${engine}, IPv${family}: the advice is to open its ports`, {
      skip: engine === 'native' && obstacleToNative(),
    }, async context => {
      const words = ['--host', ADDRESSES.b[family], '--engine', engine, '--repeat', '2', '--timeout', '3s']
      for (const kind of ['port-unreachable', 'host-unreachable']) {
        for (const rule of [
          'add table inet wall',
          'add chain inet wall in { type filter hook input priority 0 ; }',
          `add rule inet wall in meta l4proto { tcp, udp } th dport != ${PORT} ct state new reject with icmpx type ${kind}`,
        ])
          hosts.lab.run('b', 'nft', rule)
        const { rows, stderr } = await hosts
          .run(context, [...words, '--transport', 'tcp,udp-header'])
          .finally(() => hosts.lab.run('b', 'nft', 'delete table inet wall'))
        for (const transport of ['tcp', 'udp-header']) {
          const own = rows.filter(row => row.transport === transport)
          const [warning] = findWarnings(summarize(own))
          assert.match(
            warning?.remedy ?? '',
            REJECTED,
            `${stderr} ${JSON.stringify(own)} ${warning?.message}`,
          )
        }
      }
    })
})

test('a payload that --max-pacing makes too slow for --timeout timed out, whichever end notices first', {
  skip: obstacleToNative(),
}, async context => {
  const cwd = folder(context)
  const words = ['run', '--transport', 'tcp', '--size', '1M', '--max-pacing', '1M', '--timeout', '1500ms']
  const { code, stdout } = await bench([...words, '--repeat', '4', '--out', 'x.csv'], { cwd })
  assert.equal(code, 1)
  const rows = readCsv(join(cwd, 'x.csv'))
  assert.deepEqual([...new Set(rows.map(row => row.outcome))], ['timed-out'], JSON.stringify(rows))
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /at 1\.00 Mbit\/s the payload takes 9 s: a longer --timeout, a higher --max-pacing, or a smaller --size/,
  )
})
