/** `--every`: turn after turn, whatever goes wrong in one, until Ctrl-C; and what is left of each. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { assertOneLine, assertRefused, bench, folder, type Running, startBench, withoutProc } from './cli.ts'
import { metricsOf, metricsUrl, startFleet } from './fleets.ts'
import { readCsv } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

const SMALL = ['--size', '20k', '--transport', 'tcp,udp-header', '--warmup', '0', '--no-chart']
const ENV = { BENCH_TOKEN: TOKEN }

const turnsOf = ({ stderr }: Running) => [...stderr.matchAll(/^(\d+) rows? in (\S+)$/gm)]

/** Waits until it has said so of another turn. */
async function turn(running: Running, rows: number): Promise<string> {
  const before = turnsOf(running).length
  const [, , path = ''] = await running.until(`a turn of ${rows} rows`, each =>
    turnsOf(each)
      .slice(before)
      .find(([, count]) => Number(count) === rows),
  )
  return path
}

async function interrupt(running: Running): Promise<void> {
  running.kill('SIGINT')
  const { code, stderr } = await running.over()
  assert.equal(code, 130, stderr)
  assert.match(stderr, /^interrupted /m)
  assert.doesNotMatch(stderr, /internal error|^ {4}at /m)
}

/** The fewest descriptors that it has until the turn ends: those that stay. */
async function descriptorsOver(running: Running, ends: Promise<unknown>): Promise<number> {
  let over = false
  void ends.finally(() => {
    over = true
  })
  let least = Number.POSITIVE_INFINITY
  while (!over) {
    least = Math.min(least, readdirSync(`/proc/${running.pid}/fd`).length)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await ends
  return least
}

async function startSeries(context: TestContext, words: readonly string[], cwd: string) {
  const running = startBench(words, { cwd, env: ENV })
  context.after(() => running[Symbol.asyncDispose]())
  return running
}

describe('bench --every', { concurrency: 2 }, () => {
  test('each turn of a fleet has a file, old ones go, and nothing stays open', {
    skip: withoutProc,
  }, async context => {
    const { cwd } = await startFleet(context, ['a', 'b'])
    writeFileSync(join(cwd, 'all-20200101T000000Z.csv'), 'mine')
    const words = ['fleet', 'run', '--hosts', 'hosts.yaml', ...SMALL, '--every', '1s', '--quiet']
    const kept = ['--keep-runs', '2', '--out', 'all.csv', '--note', 'a series']
    const running = await startSeries(context, [...words.filter(each => each !== '--quiet'), ...kept], cwd)
    const paths = [await turn(running, 4)]
    const early = await descriptorsOver(
      running,
      turn(running, 4).then(path => paths.push(path)),
    )
    for (let more = 0; more < 3; more++) paths.push(await turn(running, 4))
    const late = await descriptorsOver(
      running,
      turn(running, 4).then(path => paths.push(path)),
    )
    assert.ok(late <= early, `${early} descriptors at first, ${late} then`)
    await interrupt(running)
    for (const path of paths) assert.match(path, /^all-\d{8}T\d{6}Z\.csv$/)
    assert.equal(new Set(paths).size, 6)
    const left = readdirSync(cwd)
      .filter(name => name.startsWith('all-') && name.endsWith('.csv'))
      .sort()
    // One that was broken off may stand beside those that were kept.
    assert.ok(left.length <= 4 && left.includes('all-20200101T000000Z.csv'), left.join())
    assert.ok(left.includes(paths.at(-1) ?? '') && !left.includes(paths[0] ?? ''), left.join())
    const path = paths.at(-1) ?? ''
    const rows = readCsv(join(cwd, path))
    assert.equal(rows.length, 4)
    const { turn: stored, note } = JSON.parse(
      readFileSync(join(cwd, path.replace('.csv', '.run.json')), 'utf8'),
    )
    assert.deepEqual([stored.series, stored.every_ms, note], ['all', 1000, 'a series'])
    assert.ok(stored.number >= 5)
  })

  test('a host that is gone, and a list that is broken, cost their turn; figures say so', async context => {
    const { cwd, servers } = await startFleet(context, ['a', 'b'])
    const words = ['fleet', 'run', '--hosts', 'hosts.yaml', ...SMALL, '--every', '1s', '--out', 'all.csv']
    const running = await startSeries(context, [...words, '--metrics-listen', '127.0.0.1:0'], cwd)
    const url = await metricsUrl(running)
    await turn(running, 4)
    const good = await metricsOf(url)
    assert.equal(good('bench_pair_up{pair_from="a",pair_to="b"}'), 1)
    assert.ok((good('bench_goodput_bytes_per_second{pair_from="a",pair_to="b",transport="tcp"') ?? 0) > 0)
    assert.ok((good('bench_rows_written_total') ?? 0) >= 4)

    const [, { server }] = servers as [unknown, (typeof servers)[number]]
    server.kill('SIGKILL')
    await running.until('the missing host', ({ stderr }) =>
      /^not measured: .*a to b.*nothing listens/m.test(stderr),
    )
    await running.until('the end of that turn', ({ stderr }) => /^0 rows in /m.test(stderr))
    const bad = await metricsOf(url)
    assert.equal(bad('bench_pair_up{pair_from="a",pair_to="b"}'), 0)
    assert.equal(bad('bench_fleet_pairs{state="missing"}'), 2)
    assert.ok((bad('bench_fleet_turns_total{result="incomplete"}') ?? 0) > 0)

    await using _again = await startServer({ cwd, listen: `127.0.0.1:${server.port}` })
    await turn(running, 4)
    const list = readFileSync(join(cwd, 'hosts.yaml'), 'utf8')
    writeFileSync(join(cwd, 'hosts.yaml'), 'hosts: [')
    await running.until('a turn without a list', ({ stderr }) =>
      /^bench: turn \d+: hosts\.yaml: /m.test(stderr),
    )
    writeFileSync(join(cwd, 'hosts.yaml'), list)
    await turn(running, 4)
    assert.ok(((await metricsOf(url))('bench_fleet_turns_total{result="failed"}') ?? 0) > 0)
    await interrupt(running)
  })

  test('a run on this host is measured in turns, too, and ends between them', async context => {
    const cwd = folder(context)
    const words = ['run', '--size', '20k', '--transport', 'tcp', '--repeat', '1', '--warmup', '0', '--every']
    const running = await startSeries(context, [...words, '1h', '--out', 'r.csv', '--format', 'jsonl'], cwd)
    const path = await turn(running, 1)
    await interrupt(running)
    assert.match(running.stderr, /^interrupted after 1 turn$/m)
    assert.equal(readCsv(join(cwd, path)).length, 1)
    assert.equal(JSON.parse(running.stdout.split('\n')[1] ?? '').transport, 'tcp')
  })

  test('each turn of a run draws the order of its cases anew', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      '--size',
      '4k',
      '--transport',
      'tcp',
      '--repeat',
      '1',
      '--warmup',
      '0',
      '--seed',
      '7',
    ]
    const running = await startSeries(context, [...words, '--every', '1s', '--out', 'r.csv'], cwd)
    const paths = [await turn(running, 1), await turn(running, 1)]
    await interrupt(running)
    for (const path of paths) {
      const stored = JSON.parse(readFileSync(join(cwd, path.replace('.csv', '.run.json')), 'utf8'))
      assert.equal(stored.plans[0].plan.seed, 7 + stored.turn.number)
    }
  })

  test('turns that are missed are named', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      '--size',
      '20k',
      '--transport',
      'tcp',
      '--repeat',
      '2',
      '--pause',
      '3s',
      '--warmup',
      '0',
    ]
    const running = await startSeries(context, [...words, '--every', '1s', '--out', 'r.csv'], cwd)
    await running.until('skipped turns', ({ stderr }) =>
      /^\d+ turns? skipped: turn 0 took \d+ s$/m.test(stderr),
    )
    await interrupt(running)
  })

  test('what does not go together is refused before anything is measured', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'hosts.yaml'), 'hosts: {a: 127.0.0.1:1, b: 127.0.0.1:2}\n')
    const every = ['--every', '5m']
    for (const [words, what] of [
      [['--jitter', '5s'], '--jitter is for a series of runs; add --every'],
      [['--keep-runs', '5'], '--keep-runs is for a series of runs; add --every'],
      [['--retention', '5d'], '--retention is for a series of runs; add --every'],
      [[...every, '--jitter', '5m'], '--jitter is as long as --every'],
      [[...every, '--keep-runs', '5'], '--keep-runs removes files of the series that --out names'],
      [[...every, '--out', 'x.json'], 'the files of a series are CSV'],
      [[...every, '--format', 'json'], '--format json is one document'],
      [[...every, '--out', 'influx:x.lp'], '--out influx: is a file of one run'],
      [[...every, '--resume', 'x.csv'], '--resume is of one run'],
      [['--every', '5'], '--every: not a span: "5"'],
      [['--every', '0s'], '--every: not a span: "0s"'],
      [[...every, '--out', 'nowhere/x.csv'], 'there is no folder nowhere'],
      [['--metrics-listen', '127.0.0.1'], '--metrics-listen: 127.0.0.1 has no port'],
    ] as const)
      assertRefused(await bench(['fleet', 'run', '--hosts', 'hosts.yaml', ...words], { cwd }), what)
    assertRefused(await bench(['run', ...every, '--keep', '.'], { cwd }), '--keep keeps the files of one run')
    assert.deepEqual(readdirSync(cwd), ['hosts.yaml'])
  })
})

describe('bench serve --metrics-listen', { concurrency: 2 }, () => {
  test('counts trials, and clients that are refused', async context => {
    const { cwd, servers, run } = await startFleet(context, ['a', 'b'], { metrics: true })
    const [{ server }] = servers as [(typeof servers)[number]]
    const url = await metricsUrl(server)
    assert.equal((await run(['run', ...SMALL, '--out', 'f.csv'])).code, 0)
    const wrong = ['run', '--host', `127.0.0.1:${server.port}`, ...SMALL]
    await bench(wrong, { cwd, env: { BENCH_TOKEN: 'another token, which is wrong' } })
    const value = await metricsOf(url)
    // Two transports, there and back; a session with an agent for each pair.
    assert.equal(value('bench_server_trials_total'), 4)
    assert.equal(value('bench_server_sessions_opened_total'), 2)
    assert.ok((value('bench_server_clients_refused_total{reason="denied"}') ?? 0) >= 1)
    assert.equal(value('bench_server_sessions_limit'), 8)
    assert.equal(value('bench_server_busy'), 0)
    assert.ok((value('process_open_fds') ?? 0) > 0)
    server.kill('SIGTERM')
    assert.equal((await server.over()).code, 0)
    await assert.rejects(fetch(url))
  })

  test('anybody who reaches it can read it, which is said; a taken port is one line', async context => {
    const cwd = folder(context)
    await using server = await startServer({
      ...{ cwd, listen: '127.0.0.1:0', words: ['--metrics-listen', '0.0.0.0:0'] },
    })
    const { port } = new URL(await metricsUrl(server))
    assert.match(server.stderr, /; whoever reaches this address can read them$/m)
    const taken = ['serve', '--listen', '127.0.0.1:0', '--metrics-listen', `127.0.0.1:${port}`]
    const { code, ...said } = await bench(taken, { cwd, env: ENV })
    assert.equal(code, 1)
    assertOneLine(said, `cannot serve metrics at 127.0.0.1, port ${port}`, 'with --metrics-listen')
  })
})
