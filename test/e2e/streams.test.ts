/** Streams: bytes for as long as asked, several at once, with their intervals; on one host, to others, and what is refused. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { INTERVAL_COLUMNS } from '../../results/schema/intervals.ts'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { bench, benchProcess, folder, startBench } from './cli.ts'
import { assertAddUp, intervalsOf } from './intervals.ts'
import { isStarved, readCsv } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

const DURATION_MS = 400
/** Paced, so that little is lost: these tests ask what is counted. */
const STREAMED = ['--duration', `${DURATION_MS}ms`, '--report-every', '100ms', '--rate', '20M']
const SHORT = ['--repeat', '2', '--processes', '1', '--warmup', '0', '--quiet']

function assertStream(row: TrialRecord): void {
  const what = JSON.stringify(row)
  assert.deepEqual(
    [row.workload, row.size_bytes, row.duration_asked_ms],
    ['stream', undefined, DURATION_MS],
    what,
  )
  assert.ok(
    row.outcome === 'completed' || (row.outcome === 'incomplete' && (row.datagrams_lost ?? 0) > 0),
    what,
  )
  assert.ok((row.transfer_ms ?? 0) >= DURATION_MS, what)
  assert.ok((row.bytes_delivered ?? 0) > 0 && (row.goodput_bps ?? 0) > 0, what)
  assert.equal(row.payload_intact, row.outcome === 'completed', what)
}

describe('streams', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`several at once, ${engine}: each a row whose intervals add up to it`, async context => {
      const cwd = folder(context)
      const words = ['run', ...STREAMED, '--streams', '1,3', '--engine', engine, ...SHORT, '--out', 's.csv']
      const { code, stderr } = await bench(words, { cwd })
      assert.equal(code, 0, stderr)
      const rows = readCsv(join(cwd, 's.csv'))
      const intervals = intervalsOf(join(cwd, 's.intervals.csv'))
      assert.deepEqual(
        Object.keys(intervals[0] ?? {}),
        INTERVAL_COLUMNS.map(({ name }) => name),
      )
      // Two transports, one flow and three, two rounds.
      assert.equal(rows.length, 2 * (1 + 3) * 2)
      for (const row of rows) {
        assertStream(row)
        assertAddUp(row, intervals)
      }
      for (const three of rows.filter(row => row.streams === 3 && row.flow === 1)) {
        const together = rows.filter(row => row.trial === three.trial)
        assert.deepEqual(together.map(row => row.flow).sort(), [1, 2, 3])
        assert.equal(new Set(together.map(row => row.process)).size, 3, 'each in processes of its own')
        assert.ok(together.every(row => row.streams === 3 && row.round === three.round))
      }
    })

  test('many at once end without a word of Node', async context => {
    const words = ['run', ...STREAMED, '--streams', '6', '--transport', 'udp-marker', ...SHORT]
    const { code, stderr } = await benchProcess(words, { cwd: folder(context) })
    assert.deepEqual([code, stderr], [0, ''])
  })

  test('the start that does not count is in the counts, and not in goodput', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      ...STREAMED,
      '--omit',
      '150ms',
      '--transport',
      'udp-marker',
      ...SHORT,
      '--out',
      'o.csv',
    ]
    const { code, stderr } = await bench(words, { cwd })
    assert.equal(code, 0, stderr)
    const intervals = intervalsOf(join(cwd, 'o.intervals.csv'))
    for (const row of readCsv(join(cwd, 'o.csv'))) {
      assertAddUp(row, intervals)
      // One that stands still for a part of its intervals cuts them elsewhere.
      if (isStarved(row)) continue
      const own = intervals.filter(each => each['trial'] === `${row.trial}`)
      const counted = own.filter(each => each['omitted'] === 'false' && Number(each['to_ms']) <= DURATION_MS)
      assert.deepEqual([own[0]?.['omitted'], own[1]?.['omitted'], own[1]?.['to_ms']], ['true', 'true', '150'])
      const bytes = counted.reduce((total, each) => total + Number(each['bytes_delivered']), 0)
      const ms = Number(counted.at(-1)?.['to_ms']) - 150
      // Where the receiver stood still so long, nothing counts.
      const goodput = (bytes * 8000) / ms
      assert.ok(Math.abs((row.goodput_bps ?? -1) - goodput) <= 1e-6 * goodput, JSON.stringify(row))
    }
  })

  test('to another host and back, both ways at once, and no longer than the server allows', async context => {
    const cwd = folder(context)
    await using server = await startServer({ cwd, listen: '127.0.0.1:0', words: ['--max-duration', '20s'] })
    const host = ['--host', `127.0.0.1:${server.port}`]
    const env = { BENCH_TOKEN: TOKEN }
    const words = ['run', ...host, ...STREAMED, '--streams', '2', ...SHORT, '--bidir', '--out', 'h.csv']
    const { code, stderr } = await bench(words, { cwd, env })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'h.csv'))
    const intervals = intervalsOf(join(cwd, 'h.intervals.csv'))
    assert.equal(rows.length, 2 * 2 * 2 * 2)
    for (const row of rows) {
      assertStream(row)
      assertAddUp(row, intervals)
    }
    const first = rows.filter(row => row.trial === 1)
    assert.deepEqual(first.map(row => row.direction).sort(), [
      ...Array(2).fill('bidir-forward'),
      ...Array(2).fill('bidir-reverse'),
    ])
    const long = await bench(['run', ...host, '--duration', '30s', ...SHORT, '--out', 'l.csv'], { cwd, env })
    assert.equal(long.code, 1)
    assert.match(long.stdout + long.stderr, /at most 20\.0? s \(--max-duration\)/)
  })

  test('Ctrl-C keeps the intervals and the rows before it', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      '--duration',
      '300ms',
      '--report-every',
      '50ms',
      '--transport',
      'udp-marker',
      '--rate',
      '5M',
    ]
    await using running = startBench([...words, '--repeat', '1000', '--warmup', '0', '--out', 'c.csv'], {
      cwd,
    })
    await running.until('rows', () => lines(join(cwd, 'c.csv')) >= 3)
    running.kill('SIGINT')
    const { code } = await running.over()
    assert.equal(code, 130)
    const rows = readCsv(join(cwd, 'c.csv'))
    const intervals = intervalsOf(join(cwd, 'c.intervals.csv'))
    for (const row of rows) assertAddUp(row, intervals)
  })

  test('a file of another kind in the place of the intervals stays, and no results are begun', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'a.intervals.csv'), 'mine\n')
    const { code, stderr } = await bench(['run', '--duration', '1s', '--out', 'a.csv'], { cwd })
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^bench: cannot write to a\.intervals\.csv: it exists; choose another name or pass --force\n$/,
    )
    assert.deepEqual(readdirSync(cwd), ['a.intervals.csv'])
    assert.equal(readFileSync(join(cwd, 'a.intervals.csv'), 'utf8'), 'mine\n')
  })

  test('what a stream cannot have is refused in a line', async context => {
    const cwd = folder(context)
    for (const [words, text] of [
      [['--duration', '1s', '--file', 'a.png'], /a stream ends with --duration, and has no file/],
      [['--duration', '1s', '--size', '1k'], /has no size; leave --size or --duration out/],
      [['--duration', '1s', '--keep', 'kept'], /no end that could be saved/],
      [['--duration', '1s', '--omit', '1s'], /--omit leaves nothing of --duration/],
      [
        ['--duration', '1s', '--transport', 'udp-header'],
        /--duration is for transports that can carry a stream/,
      ],
      [['--omit', '1s', '--transport', 'echo-udp'], /--omit is for streams, which end with --duration/],
      [
        ['--duration', '1s', '--transport', 'tcp', '--target', '127.0.0.1:9'],
        /have to know the size in advance/,
      ],
      [['--workload', 'stream', '--transport', 'udp-header'], /its size has to be known in advance/],
      [['--streams', '0'], /--streams/],
      [['--streams', '65'], /--streams/],
      [['--report-every', '1ms', '--duration', '1s'], /give 50ms or more/],
    ] as const) {
      const { code, stderr } = await bench(['run', ...words], { cwd })
      assert.equal(code, 2, `${words.join(' ')}: ${stderr}`)
      assert.match(stderr, text)
      assert.equal(stderr.split('\n').length, 2, stderr)
    }
  })
})

function lines(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length
  } catch {
    return 0
  }
}
