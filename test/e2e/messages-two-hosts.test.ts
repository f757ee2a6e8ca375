/** Requests to another host and back: with a router between, and to a server that ends the session. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { isBusy, test } from '../support/patient.ts'
import { folder } from './cli.ts'
import { assertAnswered, isStarved } from './rows.ts'
import { run, startServer, useLab } from './two-hosts.ts'

const SKIP = withoutLab()
const EXCHANGE = ['--transport', 'echo-udp,messages-tcp,stamp', '--size', '64', '--messages', '80']
const DIRECTIONS = {
  forward: { words: [], names: ['forward'] },
  reverse: { words: ['--reverse'], names: ['reverse'] },
  bidir: { words: ['--bidir'], names: ['bidir-forward', 'bidir-reverse'] },
} as const

describe('requests between two hosts', { concurrency: 2, skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  for (const [name, { words, names }] of Object.entries(DIRECTIONS))
    test(`${name}: all are answered, and each way is a part of the round trip`, async context => {
      for (const loop of [['--interval', '1ms'], ['--ping-pong']]) {
        const measured = await run(['--host', ADDRESSES.b[4], ...words, ...EXCHANGE, ...loop], {
          ...{ cwd: folder(context), at: hosts.lab.words('a') },
        })
        const { code, stderr, rows } = measured
        assert.deepEqual([code, stderr], [0, ''])
        assert.deepEqual(
          rows.map(row => row.direction).sort(),
          names.flatMap(each => [each, each, each]).sort(),
        )
        for (const row of rows) {
          const what = JSON.stringify(row)
          const { rtt_min_ms: least = 0, rtt_max_ms: longest = 0 } = row
          assert.deepEqual([row.requests, row.answers_damaged], [80, 0], what)
          assertAnswered(row, 80)
          if (isStarved(row)) continue
          assert.ok(least > 0 && least <= longest, what)
          assert.ok((row.clock_error_ms ?? -1) >= 0, what)
          // Below the clocks' error nothing is known of a way.
          for (const way of [row.there_max_ms, row.back_max_ms])
            assert.ok(way === undefined || way <= longest + (row.clock_error_ms ?? 0), what)
          if (row.transport.endsWith('tcp')) continue
          assert.deepEqual([row.datagrams_accepted, row.datagrams_lost, row.answers_lost], [80, 0, 0], what)
        }
      }
    })
})

describe('requests to a server that allows trials of 2 s', { concurrency: 2 }, () => {
  test('are refused where they are to take longer', async context => {
    const { rows } = await limited(context, ['--interval', '10ms', '--messages', '400'])
    const [row = assert.fail('no row')] = rows
    assert.match(row.error_message ?? '', /at most 2\.00 s \(--max-duration\); choose fewer --messages/)
    assert.deepEqual([row.outcome, row.requests], ['failed', undefined])
  })

  test('and streams, too, may take just that', async context => {
    const { rows } = await limited(context, ['--interval', '100ms', '--messages', '20'], 0)
    const streamed = await limited(context, ['--transport', 'tcp', '--duration', '2s'], 0)
    // Whether all of them are answered in their time is for this machine to say.
    for (const { outcome } of [...rows, ...streamed.rows])
      assert.ok(outcome === 'completed' || (outcome === 'incomplete' && isBusy()), outcome)
  })

  test('end with its session', async context => {
    const { rows } = await limited(context, ['--ping-pong', '--messages', '1000000'])
    const [row = assert.fail('no row')] = rows
    assert.deepEqual([row.outcome, row.error_code], ['failed', 'AGENT_DIED'])
    assert.match(row.error_message ?? '', /ended the session: .*--max-duration/)
    assert.ok((row.requests ?? 0) < 1_000_000)
  })

  async function limited(context: TestContext, words: readonly string[], code = 1) {
    const cwd = folder(context)
    await using server = await startServer({ cwd, listen: '127.0.0.1:0', words: ['--max-duration', '2s'] })
    const requests = words.includes('--transport') ? [] : ['--transport', 'echo-udp', '--size', '64']
    const host = ['--host', `127.0.0.1:${server.port}`, ...requests]
    const measured = await run([...host, ...words, '--processes', '1'], { cwd })
    assert.equal(measured.code, code, measured.stderr)
    return measured
  }
})
