/** `bench search`: it ends, says why, and its rows say it again. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { monotonic } from '../../base/clock.ts'
import { manifestSchema } from '../../results/schema/manifest.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'
import { TOKEN, useLab } from './two-hosts.ts'

/** Two trials decide a rate. */
const SHORT = [
  '--duration',
  '100ms',
  '--duration-sum',
  '200ms',
  '--width',
  '20%',
  '--warmup',
  '0',
  '--no-chart',
]

/** What a machine that stands still for a moment makes of a rate. */
const ENDS = 'sender-limited|fills|receive buffer'

describe('within this host', { concurrency: 2 }, () => {
  test('no more than was asked for is tried, and its rows say again what was found', async context => {
    const cwd = folder(context)
    const words = ['search', '--transport', 'udp-marker', '--rate', '8M', '--loss', '0,0.5%', ...SHORT]
    const { code, stdout, stderr } = await bench([...words, '--out', 's.csv'], { cwd })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^Highest rate within a loss, of payload \(RFC 9971\)$/m)
    // A sender that stood still for a moment could not send it: that is found, too, and named.
    assert.match(
      stdout,
      new RegExp(`^udp-marker +0 % .*(?:as much as --rate allows|${ENDS})(?:; none within it)?$`, 'm'),
    )
    assert.match(stdout, /^udp-marker +0\.500 % /m)
    for (const row of readCsv(join(cwd, 's.csv'))) {
      assert.ok((row.rate_bps ?? 9e9) <= 8e6, JSON.stringify(row))
      assert.deepEqual([row.workload, row.duration_asked_ms], ['stream', 100])
    }
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(cwd, 's.run.json'), 'utf8')))
    assert.deepEqual(
      manifest.search?.goals.map(goal => [goal.loss_ratio, goal.exceed_ratio, goal.duration_sum_ms]),
      [
        [0, 0.5, 200],
        [0.005, 0.5, 200],
      ],
    )
    const again = await bench([...words, '--format', 'json', '--out', 't.json'], { cwd })
    const { findings } = JSON.parse(again.stdout)
    assert.deepEqual(JSON.parse(readFileSync(join(cwd, 't.json'), 'utf8')).findings, findings)
    for (const [index, found] of findings.search.entries()) {
      assert.deepEqual([found.cell.transport, found.loss_ratio], ['udp-marker', [0, 0.005][index]])
      assert.ok(found.trials > 0 && (found.lower_bound_bps ?? 0) <= 8e6, JSON.stringify(found))
    }
    const compared = await bench(['compare', 's.csv', 't.json'], { cwd })
    assert.match(compared.stdout, /^Highest rate within a loss, of payload \(RFC 9971\)$/m)
    const shown = await bench(['show', 's.csv', '--no-chart'], { cwd })
    assert.equal(shown.stdout, stdout)
    const report = await bench(['report', 's.csv', '-o', 's.md'], { cwd })
    assert.equal(report.code, 0, report.stderr)
    assert.match(readFileSync(join(cwd, 's.md'), 'utf8'), /Highest rate within a loss/)
  })

  test('its time is kept on a way that always loses, whose cause is named', async context => {
    const cwd = folder(context)
    const words = [
      'search',
      '--transport',
      'udp-marker',
      '--rate',
      '20M',
      '--loss',
      '0',
      '--impair',
      'loss=30%',
    ]
    const startedAt = monotonic()
    const { code, stdout, stderr } = await bench([...words, '--max-time', '8s', ...SHORT, '--out', 's.csv'], {
      cwd,
    })
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      new RegExp(
        `^udp-marker .* (?:(?:(?:emulated way|${ENDS}); )?not finished|(?:emulated way|${ENDS}); none within it)$`,
        'm',
      ),
    )
    // One trial may be under way, and processes take their time to start.
    assert.ok(monotonic() - startedAt < 60_000)
  })

  test('of a file has its transports and its time, and says which cases it had no time for', async context => {
    const cwd = folder(context)
    const file = (duration: string) =>
      `transport: [udp-marker]\nchunk: 500\nduration: ${duration}\nrate: 4M\n`
    writeFileSync(join(cwd, 'a.yaml'), file('100ms'))
    writeFileSync(join(cwd, 'b.yaml'), file('100ms'))
    const [, , ...own] = SHORT
    const words = ['search', 'a.yaml', 'b.yaml', '--loss', '0', ...own, '--out', 's.csv']
    const { code, stderr } = await bench([...words, '--max-time', '1ms'], { cwd })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /^1 case not begun after --max-time 1 ms; /m)
    for (const row of readCsv(join(cwd, 's.csv')))
      assert.deepEqual([row.transport, row.chunk_bytes, row.duration_asked_ms], ['udp-marker', 500, 100])
    writeFileSync(join(cwd, 'b.yaml'), file('200ms'))
    assertRefused(await bench(words, { cwd }), 'trials of a search are equally long')
  })

  test('what has no rate, or no time, is refused', async context => {
    const cwd = folder(context)
    const refused = async (words: readonly string[], part: string) =>
      assertRefused(await bench(['search', ...words], { cwd }), part)
    await refused(['--transport', 'tcp'], 'bench run --duration 10s --transport tcp')
    await refused(['--transport', 'udp-header'], 'choose --transport udp-marker')
    await refused(['--size', '1M'], 'leave --size or --duration out')
    await refused(['--loss', '5'], 'write a share under 100 %')
  })
})

describe('behind a bottleneck of 10 Mbit/s', { skip: withoutLab() }, () => {
  const hosts = useLab(withoutLab())

  test('a bound above it and one below are found, and the way is named as the cause', async context => {
    hosts.lab.setBottleneck('10mbit')
    const cwd = folder(context)
    const words = [
      'search',
      '--host',
      ADDRESSES.b[4],
      '--transport',
      'udp-marker',
      '--chunk',
      '1000',
      '--loss',
      '0',
    ]
    const options = { cwd, at: hosts.lab.words('a'), env: { BENCH_TOKEN: TOKEN } }
    const trial = [
      '--duration',
      '500ms',
      '--duration-sum',
      '1s',
      '--width',
      '30%',
      '--warmup',
      '0',
      '--no-chart',
    ]
    const { code, stdout, stderr } = await bench(
      [...words, ...trial, '--max-time', '90s', '--out', 's.csv'],
      options,
    )
    assert.equal(code, 0, stderr)
    const [, lower, upper, limit = ''] =
      /^udp-marker +0 % +([\d.]+) Mbit\/s +([\d.]+) Mbit\/s .* (\S+)$/m.exec(stdout) ?? []
    // On a machine that stands still it is far lower, or has none, and says so.
    if (lower === undefined) assert.match(stdout, /none within it$|not finished$|sender-limited$/m)
    else {
      assert.ok(Number(lower) < 10 && Number(lower) < Number(upper), stdout)
      assert.match(limit, new RegExp(`elsewhere|${ENDS}|finished|buffer`), stdout)
    }
  })
})
