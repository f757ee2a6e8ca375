/** A group on the other side of a router that honours the TTL: between two hosts, and with other programs. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { summarize } from '../../results/statistics/summary.ts'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { bench, folder, Running, startBench } from './cli.ts'
import { type Sample, samples } from './payloads.ts'
import { assertMeasured, PORT, startServer, useLab } from './two-hosts.ts'

const GROUPS = { 4: '239.255.7.7', 6: 'ff15::7:7' } as const
const ROUTER = fileURLToPath(new URL('../../../test/support/multicast-router.py', import.meta.url))
const SKIP = withoutLab() || withoutPython

describe('a group beyond a router', { skip: SKIP }, () => {
  const hosts = useLab(SKIP)
  let router: Running | undefined
  before(async () => {
    if (SKIP !== false) return
    const pairs = ([4, 6] as const).map(family => `${ADDRESSES.a[family]},${GROUPS[family]}`)
    const [command = '', ...words] = [
      ...hosts.lab.words('router'),
      'python3',
      ROUTER,
      'to-a',
      'to-b',
      ...pairs,
    ]
    router = new Running(command, words, { cwd: '/' })
    await router.until('READY', ({ stdout }) => stdout.startsWith('READY'))
  })
  after(() => router?.[Symbol.asyncDispose]())

  for (const engine of ENGINES)
    for (const family of [4, 6] as const)
      test(`bench run --host, ${engine}, IPv${family}: a TTL of 2 gets there, a TTL of 1 does not`, async context => {
        const to = ['--host', ADDRESSES.b[family], '--transport', 'udp-multicast', '--engine', engine]
        // A receiver may stand still while all of it comes.
        const words = [...to, '--rcvbuf', '1M']
        const result = await hosts.run(context, [...words, '--rate', '20M'])
        assertMeasured(result)
        for (const row of result.rows) {
          const told = JSON.stringify(row)
          assert.deepEqual(
            [row.outcome, row.datagrams_delivered, row.payload_intact],
            ['completed', 59, true],
            told,
          )
          assert.deepEqual([row.receiver_address, row.ttl], [GROUPS[family], 2], told)
          assert.equal(row.sender_address, ADDRESSES.a[family], told)
          assert.equal(row.direction, 'forward')
        }
        const near = await hosts.run(context, [...words, '--ttl', '1', '--source', ADDRESSES.a[family]])
        assertMeasured(near)
        for (const row of near.rows) {
          const told = JSON.stringify(row)
          assert.deepEqual(
            [row.outcome, row.datagrams_accepted, row.datagrams_delivered],
            ['incomplete', 59, 0],
            told,
          )
          assert.deepEqual([row.ttl, row.ttl_asked, row.source_asked], [1, 1, ADDRESSES.a[family]], told)
          if (engine === 'native')
            assert.deepEqual([row.lost_elsewhere, row.loss_cause], [59, 'elsewhere'], told)
        }
      })

  for (const family of [4, 6] as const)
    test(`bench run --host with several, IPv${family}: a receiver on each, one row each, one sample`, async context => {
      const setting = { cwd: folder(context), at: hosts.lab.words('b'), listen: '[::]:5991' }
      await using second = await startServer(setting)
      const at = ADDRESSES.b[family]
      const both = family === 6 ? `[${at}]:${PORT},[${at}]:${second.port}` : `${at},${at}:${second.port}`
      const words = ['--host', both, '--transport', 'udp-multicast', '--rate', '20M', '--repeat', '2']
      const result = await hosts.run(context, [...words, '--warmup', '1'])
      assertMeasured(result)
      assert.deepEqual(
        result.rows.map(each => [each.trial, each.flow, each.receivers, each.direction]),
        [1, 2].flatMap(trial => [1, 2].map(flow => [trial, flow, 2, 'forward'])),
      )
      for (const row of result.rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.outcome, row.datagrams_delivered], ['completed', 59], told)
        assert.ok((row.clock_error_ms ?? 0) > 0, told)
      }
      const summaries = summarize(result.rows)
      assert.deepEqual(
        summaries.map(each => [each.records.length, each.loss]),
        [[2, { lost: 0, accepted: 4 * 59, ratio: 0 }]],
      )
    })

  for (const family of [4, 6] as const)
    test(`bench send to bench receive, and bench run --target, IPv${family}`, async context => {
      const cwd = folder(context)
      const dir = join(cwd, 'received')
      mkdirSync(dir)
      const [file] = samples(cwd, [62_470]) as [Sample]
      const group = GROUPS[family]
      const of = ['receive', '--transport', 'udp-multicast', '--group', group, '--interface', 'near']
      await using receiver = startBench([...of, '--dir', dir, '--count', '3', '--drain', '3s'], {
        cwd,
        at: hosts.lab.words('b'),
      })
      await receiver.until('port', ({ stderr }) => /^listening.*:5007/.exec(stderr)?.[0])
      const at = hosts.lab.words('a')
      for (const ttl of ['1', '2']) {
        const words = ['send', file.path, group, '--transport', 'udp-multicast', '--ttl', ttl]
        const { code, stderr } = await bench(words, { cwd, at })
        assert.equal(code, 0, stderr)
      }
      const target = family === 6 ? `[${group}]` : group
      const words = [
        'run',
        '--transport',
        'udp-multicast',
        '--target',
        target,
        '--size',
        '60k',
        '--rate',
        '100M',
      ]
      const short = ['--repeat', '2', '--warmup', '0', '--processes', '1', '-q', '--out', 'x.csv']
      const { code, stderr } = await bench([...words, ...short], { cwd, at })
      assert.equal(code, 0, stderr)
      const { stdout } = await receiver.over()
      const lines = stdout.trimEnd().split('\n')
      assert.equal(lines.length, 3, stdout)
      for (const line of lines)
        assert.match(line, new RegExp(`from ${ADDRESSES.a[family]} .*every chunk has come`))
      const [saved = ''] = readdirSync(dir).sort()
      assert.deepEqual(readFileSync(join(dir, saved)), file.bytes)
    })
})
