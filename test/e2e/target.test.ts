/** `bench run --target`: measured against receivers that are not ours; and trials that fail or time out. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import type { ColumnName } from '../../results/schema/columns.ts'
import { OtherAddress } from '../support/other-address.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { nobodyOf } from '../support/transfers.ts'
import { assertOneLine, bench, folder, PICTURE, peerReport, startBench, startPeer } from './cli.ts'
import { assertLaw, assertRounds, readCsv } from './rows.ts'

/** What only a receiver of ours can tell. */
const RECEIVER_COLUMNS: readonly ColumnName[] = [
  'datagrams_delivered',
  'datagrams_lost',
  'bytes_delivered',
  'loss_ratio',
  'loss_cause',
  'goodput_bps',
  'delivery_ms',
  'receive_ms',
  'payload_intact',
  'receiver_cpu_ms',
  'rcvbuf_bytes',
  'rcvbuf_asked_bytes',
]

describe('bench run --target', { concurrency: 2 }, () => {
  for (const [transport, format, host] of [
    ['tcp', 'tcp', '127.0.0.1'],
    ['udp-header', 'header', '::1'],
    ['udp-marker', 'marker', '127.0.0.1'],
    ['udp-datagram', 'datagram', '::1'],
  ] as const) {
    test(`measures a foreign receiver over ${transport}`, { skip: withoutPython }, async context => {
      const cwd = folder(context)
      // The warm-up round is a transfer too.
      const warmup = transport === 'tcp' ? 1 : 0
      const count = String(3 + warmup)
      const server = ['receive', format, join(cwd, 'got'), '--host', host, '--port', '0', '--count', count]
      await using running = await startPeer(server, { cwd })
      const target = host === '::1' ? `[::1]:${running.port}` : `${host}:${running.port}`
      const words = [
        '--transport',
        transport,
        '--file',
        PICTURE,
        '--repeat',
        '3',
        '--warmup',
        String(warmup),
        ...(transport === 'tcp' ? [] : ['--rate', '40M']),
      ]
      const measured = await bench(['run', '--target', target, ...words, '--out', 'rows.csv'], { cwd })
      assert.equal(measured.code, 0, measured.stderr + measured.stdout)
      assert.match(measured.stdout, /to\s+another\s+program/)
      assert.doesNotMatch(measured.stdout, /rcvbuf/)
      const rows = readCsv(join(cwd, 'rows.csv'))
      assertRounds(rows, 3, 1)
      assertLaw(rows)
      for (const row of rows) {
        assert.deepEqual([row.direction, row.outcome], ['send', 'completed'])
        assert.equal(row.ip_family, host === '::1' ? 6 : 4)
        assert.equal(row.file, 'picture.png')
        for (const column of RECEIVER_COLUMNS) assert.equal(row[column], undefined, column)
        assert(row.total_ms !== undefined && row.total_ms > 0)
        // On a busy machine an answer may come before the last send has returned.
        if (format === 'marker') assert.equal(row.ack_ms, undefined)
        if (format === 'tcp') assert(row.ack_ms !== undefined && row.ack_ms >= 0)
      }
      const { code, lines } = peerReport(await running.over())
      assert.equal(code, 0)
      assert.equal(lines.length, 3 + warmup)
    })
  }

  test('says that answers may have come from another address of the peer', async context => {
    if (process.platform !== 'linux') return context.skip('no second loopback address, no counter')
    const cwd = folder(context)
    await using server = await OtherAddress.open(4096 + 8)
    // Starting and sending are within the time-out, on a busy machine too.
    const what = '--transport udp-header --size 4k --warmup 0 --repeat 1 --timeout 3s'.split(' ')
    const ended = await bench(['run', '--target', server.target, ...what, '--out', 'rows.csv'], { cwd })
    assert.equal(ended.code, 1, ended.stderr)
    for (const row of readCsv(join(cwd, 'rows.csv'))) {
      assert.deepEqual([row.outcome, row.error_phase], ['timed-out', 'ack'])
      assert((row.host_no_ports ?? 0) > 0, JSON.stringify(row))
    }
    assert.match(`${ended.stdout}${ended.stderr}`.replaceAll(/\s+/g, ' '), /another address of the peer/)
  })

  test('over a closed TCP port: rows that say so, exit code 1', async context => {
    const cwd = folder(context)
    const { host, port } = nobodyOf(4)
    const words = ['--transport', 'tcp', '--repeat', '2', '--warmup', '0', '--out', 'rows.csv']
    const failed = await bench(['run', '--target', `${host}:${port}`, ...words], { cwd })
    assert.equal(failed.code, 1)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assert.equal(rows.length, 2)
    for (const row of rows) {
      assert.deepEqual([row.outcome, row.error_code, row.error_phase], ['failed', 'ECONNREFUSED', 'connect'])
      assert(row.error_message?.includes('ECONNREFUSED'))
    }
    assert.match(failed.stdout, /2 failed/)
    assert.doesNotMatch(failed.stdout + failed.stderr, /\s{4}at /)
  })

  test('takes one transport, and an address that fits -4 and -6', async context => {
    const cwd = folder(context)
    for (const [words, ...parts] of [
      ['--target 127.0.0.1:9', 'one transport', '--transport'],
      ['--target 127.0.0.1:9 --transport tcp -6', '127.0.0.1', 'leave out -6'],
      ['--target [::1]:9 --transport tcp -4', '::1', 'leave out -4'],
      ['--target 127.0.0.1:0 --transport tcp', '"127.0.0.1:0"', 'HOST:PORT'],
      ['--target 127.0.0.1:9 --transport tcp --keep .', '--keep', 'leave one out'],
      ['--target 127.0.0.1:9 --transport tcp --drain 5ms', '--drain', 'leave one out'],
    ] as const) {
      const ended = await bench(['run', ...words.split(' ')], { cwd })
      assert.equal(ended.code, 2)
      assertOneLine(ended, ...parts)
    }
  })
})

describe('a trial', { concurrency: 2 }, () => {
  test('whose time-out no timer can wait for does not time out at once', async context => {
    const cwd = folder(context)
    // 4 TiB at 1 Mbit/s are more than a year.
    const slow = ['--size', '4T', '--chunk', '60000', '--transport', 'udp-header', '--rate', '1M']
    const words = [...slow, '--warmup', '0', '--repeat', '1']
    await using running = startBench(['run', ...words, '--out', 'rows.csv'], { cwd })
    await running.until('plan', ({ stderr }) => stderr.includes('4,398,046,511,104 B'))
    await new Promise(resolve => setTimeout(resolve, 1500))
    running.kill('SIGINT')
    const { code, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stderr, /interrupted after 0 trials/)
  })

  test('that takes longer than --timeout is a row, and the run goes on: exit code 1', async context => {
    const cwd = folder(context)
    const slow = ['--size', '64k', '--rate', '10k', '--timeout', '6s', '--warmup', '0', '--repeat', '1']
    const ended = await bench(['run', ...slow, '--out', 'rows.csv'], { cwd })
    assert.equal(ended.code, 1, ended.stderr)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assertRounds(rows, 1, 3)
    assertLaw(rows)
    for (const row of rows) {
      const timedOut = row.transport !== 'tcp'
      assert.equal(row.outcome, timedOut ? 'timed-out' : 'completed')
      if (timedOut) {
        // What the sender knew is not thrown away.
        assert.equal(row.error_phase, 'transfer')
        assert.ok(row.error_message)
        assert((row.datagrams_offered ?? 0) > 0 && (row.datagrams_offered ?? 0) < 64)
        assert.equal(row.datagrams_delivered, undefined)
      }
      assert.equal(row.error_code, timedOut ? 'TIMEOUT' : undefined)
      assert.equal(row.error_phase, timedOut ? 'transfer' : undefined)
    }
    assert.match(ended.stdout, /1 timed out|1 timed-out/)
  })
})
