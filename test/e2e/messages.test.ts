/** Requests and their answers: measured, with foreign peers, between hosts, and read again. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { Latencies } from '../../base/latencies.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { bench, folder, type Running, startBench, startPeer } from './cli.ts'
import { assertAnswered, isStarved, readCsv } from './rows.ts'

const TRANSPORTS = ['messages-udp', 'messages-tcp', 'echo-udp', 'echo-tcp'] as const
const SHORT = ['--processes', '1', '--warmup', '0', '--quiet']

describe('messages', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`open and closed loop over every transport, ${engine}: every request is answered, and figures agree`, async context => {
      const cwd = folder(context)
      const words = ['--transport', TRANSPORTS.join(), '--engine', engine]
      for (const loop of [['--ping-pong'], ['--interval', '1ms']]) {
        const args = [
          'run',
          ...words,
          ...loop,
          '--messages',
          '120',
          '--repeat',
          '2',
          ...SHORT,
          '--out',
          'm.csv',
          '--force',
        ]
        const { code, stdout, stderr } = await bench(args, { cwd })
        assert.equal(code, 0, stderr)
        const rows = readCsv(join(cwd, 'm.csv'))
        assert.equal(rows.length, 2 * TRANSPORTS.length)
        for (const row of rows) assertExchange(row, 120, loop[0] === '--interval')
        for (const transport of TRANSPORTS) assert.match(stdout, new RegExp(`^${transport} .* \\d`, 'm'))
        // 240 answers stand behind a 90th percentile, and not behind a 99th.
        assert.match(stdout, /RTT p50.* p90.* max.*\n +\(range\)/)
      }
      const compared = await bench(
        ['compare', 'm.csv', '--by', 'transport', '--metric', 'rtt', '--no-chart'],
        {
          cwd,
        },
      )
      assert.equal(compared.code, 0, compared.stderr)
      assert.match(compared.stdout, /^round trip/m)
      const reported = await bench(['report', 'm.csv', '-o', 'm.md', '-o', 'm.svg', '--chart', 'latency'], {
        cwd,
      })
      assert.equal(reported.code, 0, reported.stderr)
    })

  for (const transport of TRANSPORTS)
    test(`${transport}: a foreign server is measured`, { skip: withoutPython }, async context => {
      const cwd = folder(context)
      await using server = await startPeer(['answer', transport, '--count', '80'], { cwd }, 'messages')
      const rows = await against(server, cwd, [
        '--transport',
        transport,
        '--ping-pong',
        '--messages',
        '40',
        '--repeat',
        '2',
      ])
      for (const row of rows) {
        assert.deepEqual([row.direction, row.requests], ['send', 40])
        assertAnswered(row, 40)
        for (const column of ['there_p50_ms', 'back_p50_ms', 'answers_lost', 'datagrams_lost'] as const)
          assert.equal(row[column], undefined, column)
        assert.ok((row.rtt_p50_ms ?? 0) > 0)
      }
      // Over TCP, a server does not know where requests end.
      if (transport.endsWith('tcp')) return
      const { stdout } = await server.over()
      const { requests, first, last } = JSON.parse(stdout.split('\n')[1] ?? '')
      assert.equal(requests, 80)
      if (transport === 'messages-udp') assert.deepEqual([first, last], ['[0, 0, 0, 1]', '[0, 0, 0, 40]'])
    })

  test('answers that are missing, doubled, wrong or late are each counted, and never for another request', {
    skip: withoutPython,
  }, async context => {
    const cwd = folder(context)
    for (const transport of ['messages-udp', 'echo-udp']) {
      const asked = ['--transport', transport, '--interval', '2ms', '--messages', '60']
      const tried = async (...words: readonly string[]) => {
        await using server = await startPeer(
          ['answer', transport, '--count', '60', ...words],
          { cwd },
          'messages',
        )
        const [row] = await against(server, cwd, [...asked, '--repeat', '1'])
        assert.ok(row)
        assert.equal(row.requests, 60)
        return row
      }
      const counted = async (
        answered: number,
        damaged: number,
        doubled: number,
        ...words: readonly string[]
      ) => {
        const row = await tried(...words)
        assertAnswered(row, answered)
        if (isStarved(row)) return
        assert.deepEqual([row.answers_damaged, row.answers_duplicated], [damaged, doubled])
      }
      await counted(40, 0, 0, '--drop', '3')
      await counted(60, 0, 1, '--twice', '40')
      await counted(45, 15, 0, '--wrong', '4')
      // A second and a half is later than the second that an answer may take, and the last ones are waited for no longer.
      const row = await tried('--late', '5', '--after', '1.5')
      assert.equal(row.outcome, 'incomplete')
      assert.ok((row.answered ?? 0) <= 48, `${row.answered} in time`)
    }
  })

  for (const transport of TRANSPORTS)
    test(`${transport}: a foreign client is answered`, { skip: withoutPython }, async context => {
      const cwd = folder(context)
      const words = ['receive', '--transport', transport, '--port', '0', '--count', '7']
      await using server = startBench(words, { cwd })
      const port = await server.until(
        'port',
        ({ stderr }) => /^answering \S+ at 127\.0\.0\.1:(\d+)/m.exec(stderr)?.[1],
      )
      await using client = await startPeer(
        ['ask', transport, '127.0.0.1', port, '--count', '7'],
        { cwd },
        'messages',
      )
      const { code, stdout } = await client.over()
      assert.deepEqual([code, JSON.parse(stdout).answered], [0, 7])
      const ended = await server.over()
      assert.equal(ended.code, 0, ended.stderr)
      assert.match(
        ended.stdout,
        /^127\.0\.0\.1 {2}first request answered\n127\.0\.0\.1 {2}7 requests answered\n$/,
      )
    })

  test('a scenario file needs no size for them', async context => {
    const cwd = folder(context)
    const file = 'transport: [echo-udp, messages-tcp]\nping-pong: true\nmessages: 20\nrepeat: 1\n'
    writeFileSync(join(cwd, 'latency.yaml'), file)
    const { code, stderr } = await bench(['run', 'latency.yaml', ...SHORT, '--out', 'y.csv'], { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'y.csv'))
    assert.deepEqual(
      rows.map(row => row.requests),
      [20, 20],
    )
    for (const row of rows) assertAnswered(row, 20)
  })

  test('two sides are compared by their round trips', async context => {
    const cwd = folder(context)
    const sides = ['ab', '--a', '', '--b', 'messages=30', '--transport', 'echo-udp', '--ping-pong']
    const { code, stdout, stderr } = await bench([...sides, '--repeat', '2', ...SHORT, '--out', 'ab.csv'], {
      cwd,
    })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^round trip by side: B against A$/m)
    assert.doesNotMatch(stdout, /no goodput is known/)
    // What was measured says so, too.
    const compared = await bench(['compare', 'ab.csv'], { cwd })
    assert.match(compared.stdout, /^round trip by side: B against A$/m)
  })

  test('files of requests are compared and checked by their round trips, without being asked to', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      '--transport',
      'echo-udp,echo-tcp',
      '--ping-pong',
      '--messages',
      '30',
      '--repeat',
      '3',
    ]
    for (const file of ['before.csv', 'after.csv']) {
      const { code, stderr } = await bench([...words, ...SHORT, '--out', file], { cwd })
      assert.equal(code, 0, stderr)
    }
    const compared = await bench(['compare', 'before.csv', 'after.csv', '--format', 'json'], { cwd })
    assert.equal(compared.code, 0, compared.stderr)
    assert.equal(JSON.parse(compared.stdout).metric.name, 'rtt')
    const gate = ['check', 'after.csv', '--baseline', 'before.csv', '--no-remeasure', '--json', 'c.json']
    const checked = await bench(gate, { cwd })
    assert.match(String(checked.code), /^[03]$/, checked.stderr)
    const { checks } = JSON.parse(readFileSync(join(cwd, 'c.json'), 'utf8'))
    const ofMetric = checks.filter((each: { kind: string }) => each.kind === 'metric')
    assert.deepEqual(
      ofMetric.map((each: { subject: string }) => each.subject),
      ['rtt', 'rtt'],
    )
    // A metric that is named is that one.
    const named = await bench(
      ['compare', 'before.csv', 'after.csv', '--metric', 'total', '--format', 'json'],
      { cwd },
    )
    assert.equal(JSON.parse(named.stdout).metric.name, 'total')
  })

  test('what has no use for them refuses settings of exchanges and of transfers, in a line', async context => {
    const cwd = folder(context)
    const refused = async (words: readonly string[], text: RegExp) => {
      const { code, stderr } = await bench(['run', ...words], { cwd })
      assert.equal(code, 2, stderr)
      assert.match(stderr, text)
      assert.equal(stderr.split('\n').length, 2, stderr)
    }
    await refused(['--messages', '5'], /--messages is for transports that answer messages/)
    await refused(
      ['--transport', 'echo-udp', '--chunk', '5'],
      /--chunk 5 is for transports that carry a payload/,
    )
    await refused(
      ['--transport', 'echo-udp', '--keep', 'kept'],
      /--keep saves payloads, but no transport here/,
    )
    await refused(['--transport', 'messages-udp', '--size', '3'], /a request has 12 B or more there, not 3 B/)
    await refused(['--transport', 'tcp', '--workload', 'exchange'], /over tcp: it answers no messages/)
    await refused(
      ['--transport', 'echo-udp', '--workload', 'transfer'],
      /over echo-udp: it carries no payload/,
    )
    await refused(['--transport', 'echo-udp', '--ping-pong', '--interval', '1ms'], /exclude each other/)
    await refused(['--transport', 'echo-udp', '--messages', '5', '--duration', '1s'], /exclude each other/)
  })
})

async function against(server: Running & { readonly port: number }, cwd: string, words: readonly string[]) {
  const target = ['--target', `127.0.0.1:${server.port}`]
  const all = ['run', ...target, ...SHORT, ...words, '--out', 't.csv', '--force']
  const { code, stdout, stderr } = await bench(all, { cwd })
  assert.equal(code, 0, stdout + stderr)
  return readCsv(join(cwd, 't.csv'))
}

function assertExchange(row: TrialRecord, requests: number, isOpen: boolean): void {
  const what = JSON.stringify(row)
  assert.deepEqual([row.workload, row.requests], ['exchange', requests], what)
  assertAnswered(row, requests)
  // Without an answer in time there is nothing to say of them.
  if (row.answered === 0 && isStarved(row)) return
  assert.equal(row.outcome, row.answered === requests ? 'completed' : 'incomplete', what)
  for (const column of ['answers_damaged', 'answers_duplicated'] as const) assert.equal(row[column], 0, what)
  const { rtt_min_ms: min = 0, rtt_p50_ms: p50 = 0, rtt_p90_ms: p90 = p50, rtt_max_ms: max = 0 } = row
  assert.ok(min > 0 && min <= p50 && p50 <= p90 && p90 <= max, what)
  assert.equal(row.rtt_p99_ms, undefined)
  const trips = Latencies.from(row.rtt_histogram ?? '')
  assert.equal(trips.count, row.answered)
  assert.equal(trips.quantile(0.5), p50)
  assert.equal(row.lateness_max_ms !== undefined, isOpen, what)
  assert.deepEqual([row.goodput_bps, row.delivery_ms], [undefined, undefined])
  // Both ends of a host read one clock: each way is a part of the round trip, if that was answered in time.
  for (const way of [row.there_p50_ms, row.back_p50_ms])
    assert.ok(way !== undefined && way > 0 && (way < max || isStarved(row)), what)
  if (!row.transport.endsWith('udp')) return
  assert.deepEqual(
    [row.datagrams_offered, row.datagrams_delivered, row.datagrams_lost],
    [requests, requests, 0],
    what,
  )
  // Of a machine that stood still, answers come when nobody waits for them any more.
  if (!isStarved(row)) assert.equal(row.answers_lost, 0, what)
}
