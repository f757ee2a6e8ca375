/** Latency under load: requests beside streams, and alone, in the same processes and rounds; and what a deep queue does to them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { onceInThree } from '../support/once-in-three.ts'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { isStarved, readCsv } from './rows.ts'
import { assertMeasured, useLab } from './two-hosts.ts'

const SHORT = ['--processes', '1', '--warmup', '0', '--no-chart']
const QUEUE_MS = 100

describe('requests beside streams', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`of one host, ${engine}: each load has its own, and the same requests run alone`, context =>
      onceInThree(async () => {
        const cwd = folder(context)
        const words = [
          'run',
          '--duration',
          '300ms',
          '--rate',
          '20M',
          '--with',
          'echo-udp',
          '--interval',
          '2ms',
        ]
        const { code, stdout, stderr } = await bench(
          [...words, '--engine', engine, '--repeat', '2', ...SHORT, '--out', 'l.csv'],
          { cwd },
        )
        assert.equal(code, 0, stderr)
        const rows = readCsv(join(cwd, 'l.csv'))
        // Two loads with their requests, and these alone.
        assert.equal(rows.length, 2 * (2 + 2 + 1))
        for (const round of [1, 2]) {
          const ofRound = rows.filter(row => row.round === round)
          const requests = ofRound.filter(row => row.transport === 'echo-udp')
          assert.deepEqual(requests.map(row => row.beside ?? 'idle').sort(), ['idle', 'tcp', 'udp-marker'])
          assert.equal(new Set(requests.map(row => row.process)).size, 1, 'in the same processes')
          for (const row of requests) {
            assert.deepEqual([row.workload, row.interval_ms, row.duration_asked_ms], ['exchange', 2, 300])
            assert.ok((row.requests ?? 0) > 0 && (row.answered ?? 0) > 0, JSON.stringify(row))
            assert.equal(row.rate_bps, undefined)
          }
          const loads = ofRound.filter(row => row.workload === 'stream')
          assert.deepEqual(loads.map(row => [row.transport, row.beside]).sort(), [
            ['tcp', 'echo-udp'],
            ['udp-marker', 'echo-udp'],
          ])
          for (const load of loads) {
            const together = ofRound.filter(row => row.trial === load.trial)
            assert.deepEqual(together.map(row => [row.flow, row.transport]).sort(), [
              [1, load.transport],
              [2, 'echo-udp'],
            ])
          }
        }
        assert.match(stdout, /^latency under load: requests beside a stream, and alone \(idle\)$/m)
        assert.match(stdout, /^echo-udp +\d/m)
        const compared = await bench(['compare', 'l.csv', '--by', 'beside'], { cwd })
        assert.match(compared.stdout, /^round trip by beside: .*idle$/m)
        const report = await bench(['report', 'l.csv', '-o', 'l.md'], { cwd })
        assert.equal(report.code, 0, report.stderr)
        const page = readFileSync(join(cwd, 'l.md'), 'utf8')
        assert.match(page, /^## Latency under load\n+### Requests beside a stream, and alone \(idle\)$/m)
        assert.match(page, /^\| echo-udp +\|/m)
      }))

  test('what has no use for them says so in a line', async context => {
    const cwd = folder(context)
    for (const [words, text] of [
      [['--with', 'echo-udp'], /--with is for streams, which end with --duration; add that/],
      [['--duration', '1s', '--with', 'tcp'], /--with tcp: it answers no messages; choose another/],
      [['--duration', '1s', '--with', 'echo'], /unknown transport "echo"; known are/],
      [
        ['--duration', '1s', '--with', 'echo-udp', '--transport', 'udp-marker', '--target', '127.0.0.1:9'],
        /leave --with out/,
      ],
    ] as const) {
      const { code, stderr } = await bench(['run', ...words], { cwd })
      assert.equal(code, 2, `${words.join(' ')}: ${stderr}`)
      assert.match(stderr, text)
      assert.equal(stderr.split('\n').length, 2, stderr)
    }
  })
})

describe('a queue of 100 ms on the way', { skip: withoutLab() }, () => {
  const hosts = useLab(withoutLab())

  test('is found by the requests beside a stream that fills it, and not by those alone', async context => {
    hosts.lab.setBottleneck('20mbit', `${QUEUE_MS}ms`)
    const load = ['--duration', '1500ms', '--transport', 'udp-marker', '--rate', '30M', '--chunk', '1400']
    const requests = ['--with', 'echo-udp', '--interval', '5ms', '--omit', '300ms']
    const result = await hosts.run(context, ['--host', ADDRESSES.b[4], ...load, ...requests])
    assertMeasured(result)
    if (result.rows.some(isStarved))
      return context.diagnostic('this machine is too busy to tell one delay from another')
    const rttOf = (beside: string | undefined) =>
      result.rows.find(row => row.transport === 'echo-udp' && row.beside === beside)?.rtt_p50_ms ?? Number.NaN
    const [idleMs, loadedMs] = [rttOf(undefined), rttOf('udp-marker')]
    const told = `${idleMs} ms alone, ${loadedMs} ms beside`
    assert.ok(idleMs < QUEUE_MS / 2, told)
    assert.ok(Math.abs(loadedMs - idleMs - QUEUE_MS) < QUEUE_MS / 10, told)
  })
})
