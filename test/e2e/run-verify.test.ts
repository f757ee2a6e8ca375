/** `bench run --verify` and `--batch`: what a row says in each mode, on both engines, between hosts too; and what is refused. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { bench, folder, PICTURE } from './cli.ts'
import { parseRows } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

const HANG = { timeout: 120_000 }
const QUICK = ['--repeat', '1', '--warmup', '0', '--quiet', '--format', 'jsonl']

async function run(context: TestContext, words: readonly string[], token?: string) {
  const size = words.includes('--file') ? [] : ['--size', '20k']
  const env = token === undefined ? {} : { BENCH_TOKEN: token }
  const command = ['run', ...QUICK, ...size, ...words]
  const { code, stdout, stderr } = await bench(command, { cwd: folder(context), env })
  return { code, stderr, rows: stdout === '' ? [] : parseRows(stdout) }
}

describe('verification', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`full, index and none on ${engine}`, HANG, async context => {
      const cwd = folder(context)
      const modes = ['full', 'index', 'none'] as const
      const variants = modes.map(verify => ({ label: verify, verify }))
      writeFileSync(join(cwd, 'modes.yaml'), JSON.stringify({ size: '20k', repeat: 1, warmup: 0, variants }))
      const words = ['run', 'modes.yaml', '--engine', engine, '--quiet', '--format', 'jsonl']
      const { code, stdout, stderr } = await bench(words, { cwd })
      assert.deepEqual([code, stderr], [0, ''])
      const rows = parseRows(stdout)
      assert.equal(rows.length, 3 * modes.length)
      for (const row of rows) {
        const verify = row.variant
        const seen = row.transport === 'tcp' || verify !== 'none'
        assert.equal(row.verify, verify)
        assert.equal(row.payload_intact === undefined, verify !== 'full', row.transport)
        assert.equal(row.outcome, seen ? 'completed' : 'incomplete', row.transport)
        assert.equal(row.goodput_bps === undefined, !seen, row.transport)
        assert.equal(row.bytes_delivered, seen ? 20_480 : undefined)
        if (row.transport === 'tcp') continue
        assert.equal(row.datagrams_lost, seen ? 0 : undefined)
        assert.equal(row.datagrams_arrived, 20)
        assert.equal(row.error_code, seen ? undefined : 'UNVERIFIED')
      }
    })

  test('is done at the other host as it was asked for', HANG, async context => {
    await using server = await startServer({ cwd: folder(context), listen: '127.0.0.1:0' })
    for (const way of [[], ['--reverse']]) {
      const words = [
        '--host',
        `127.0.0.1:${server.port}`,
        '--transport',
        'udp-marker',
        '--verify',
        'none',
        ...way,
      ]
      const { code, stderr, rows } = await run(context, words, TOKEN)
      assert.deepEqual([code, stderr], [0, ''])
      assert.deepEqual(
        rows.map(row => [row.verify, row.datagrams_arrived, row.datagrams_delivered]),
        [['none', 20, undefined]],
      )
    }
  })

  for (const [words, said] of [
    [['--verify', 'index', '--file', PICTURE], /--verify index: only generated data has chunk indexes/],
    [['--verify', 'none', '--target', '127.0.0.1:9', '--transport', 'tcp'], /--verify .*--target/],
    [['--verify', 'half'], /verify/],
    [['--batch', '0'], /--batch: not a whole number from 1 to 64/],
    [['--batch', '64', '--engine', 'node'], /--batch: node:\w+ makes a system call for each/],
  ] as const)
    test(`${words.slice(0, 4).join(' ')} is refused in a line`, HANG, async context => {
      const { code, stderr } = await run(context, words)
      assert.equal(code, 2, stderr)
      assert.match(stderr, said)
      assert.equal(stderr.trim().split('\n').length, 1)
    })

  test('the node engine makes a call a datagram, and says so', HANG, async context => {
    const words = ['--engine', 'node', '--batch', '1', '--transport', 'tcp,udp-marker']
    const { code, rows } = await run(context, words)
    assert.equal(code, 0)
    assert.deepEqual(
      rows.map(row => [row.batch_asked, row.batch, row.sends_per_call]),
      [
        [1, 1, undefined],
        [1, 1, undefined],
      ],
    )
  })

  test('where each end ran is in the row', HANG, async context => {
    const { rows } = await run(context, ['--transport', 'tcp,udp-marker'])
    for (const row of rows) {
      const facts = [row.sender_cpu_at_start, row.sender_cpu_at_end, row.receiver_cpu_at_end, row.sender_load]
      const switches = [row.receiver_involuntary_switches, row.receiver_voluntary_switches]
      for (const fact of [...facts, ...switches])
        assert.equal(fact !== undefined, process.platform === 'linux')
      const tcp = row.transport === 'tcp'
      assert.equal(row.payload_delivery_ms !== undefined, tcp)
      if (tcp) assert.ok((row.payload_delivery_ms ?? 0) < (row.delivery_ms ?? 0))
    }
  })
})
