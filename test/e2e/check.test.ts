/** `bench check`: what holds, what breaks, what it was held against, and what is written of it. Measured for real, over loopback. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { cwd, edited, FELL, QUICK, quick, rowsOf, SLOW, slow, told, useMeasured } from './checked.ts'
import { bench } from './cli.ts'
import { readCsv } from './rows.ts'

describe('bench check with thresholds', () => {
  useMeasured()

  test('ends with 0 when all hold, and with 3 when one is broken, which is measured again', async () => {
    const holding = ['failed == 0', 'refused == 0 @ chunk<=9216', 'udp-*.goodput.max < 1G']
    const pass = /^passed: all 3 checks passed\n {2}results: 1 run, [\d-]+, 1 case, 8 trials\n$/
    await told(['check', quick, '--threshold', ...holding], 0, pass)
    const broken = ['check', quick, '--threshold', ...holding, 'goodput.p50 > 1G']
    const again =
      /✗ udp-header: goodput\.p50 > 1G: p50 of goodput is \S+ Mbit\/s .*; measured again, failed: p50 of/
    await told(broken, 3, /^failed: 1 of 4 checks failed, 3 passed\n/, again)
    await told([...broken, '--no-remeasure'], 3, /; not measured again: --no-remeasure\n$/)
  })

  test('measures a scenario, and holds it to its own thresholds and those of flags', async () => {
    const yaml =
      'size: 8k\ntransport: [tcp, udp-header]\nrepeat: 5\nwarmup: 0\nthresholds:\n  - failed == 0\n'
    writeFileSync('mine.yaml', yaml)
    const words = ['check', 'mine.yaml', '--threshold', 'tcp.goodput > 1bps', '--out', 'rows.csv']
    await told(words, 0, /^passed: all 3 checks passed\n {2}results: measured now, 2 cases, 10 trials\n$/)
    assert.equal(readCsv('rows.csv').length, 10)
    writeFileSync('mine.yaml', `${yaml}  - udp-*.total < 1us\n`)
    const broken =
      /✗ udp-header: udp-\*\.total < 1us: median total is .*; measured again, failed: median total is/
    await told(['check', 'mine.yaml', '-q'], 3, broken)
    // What failed is measured again on its own: the rows of both runs are in one file.
    const [file = ''] = readdirSync('bench-results')
    assert.match(file, /-mine-check\.csv$/)
    const rows = readCsv(join('bench-results', file))
    assert.deepEqual([rows.length, new Set(rows.map(row => row.run_id)).size], [20, 2])
  })

  test('with --strict a case that no threshold speaks of is named, and ends with 3', async () => {
    writeFileSync('mine.yaml', 'size: 8k\ntransport: [tcp, udp-header]\nrepeat: 3\nwarmup: 0\n')
    const words = ['check', 'mine.yaml', '--strict', '-q', '--threshold', 'udp-*.goodput > 1bps']
    const named =
      /^failed: 1 not judged, 1 passed \(--strict\)\n[\s\S]*\n- tcp: never judged: no threshold speaks of it\n/
    await told(words, 3, named)
    assert.doesNotMatch(
      await told([...words, 'tcp.goodput > 1bps'], 0, /^passed: all 2 checks/),
      /never judged/,
    )
  })

  test('flags alone describe what is measured', async () => {
    const words = [
      '--size',
      '4k',
      '--repeat',
      '3',
      '--warmup',
      '0',
      '--transport',
      'tcp',
      '--threshold',
      'completed == 100%',
    ]
    await told(['check', ...words], 0, /^passed: the only check passed\n/)
  })

  test('one that speaks of nothing fails with files, and is refused before anything is measured', async () => {
    const stored = ['check', quick, '--threshold', 'failed == 0', 'tcp.goodput > 1bps']
    await told(stored, 3, /✗ tcp\.goodput > 1bps: it selects no cell of the results/)
    const measured = ['check', ...QUICK, '--threshold', 'tcp.goodput > 1bps', '--junit', 'x.xml']
    await told(
      measured,
      2,
      /^bench: threshold "tcp\.goodput > 1bps" matches none of the cases to measure \(udp-header\)/,
    )
    assert.deepEqual(readdirSync(cwd), [])
  })
})

describe('bench check with a baseline', () => {
  useMeasured()

  test('finds what is a tenth as quick, in files and measured now, and again in fresh trials', async () => {
    const found = await told(['check', slow, '--baseline', quick], 3, /^failed: 1 of 6 checks failed/, FELL)
    assert.match(found, /8 trials; measured again, failed: goodput fell by [5-9]\d/)
    assert.match(found, /! rate is 200 Mbit\/s in the baseline, and 4\.00 Mbit\/s in the results\n/)
    assert.match(found, /! the baseline has 1 run, .* only a change of 15 % or more counts\n/)
    await told(['check', '--baseline', quick, ...SLOW, '-q'], 3, FELL)
  })

  test('measures its own cases, and passes what is as it was', async () => {
    const words = ['--delta', '90%', '--out', 'now.csv', '--repeat', '6', '--warmup', '0']
    const heading =
      /\n {2}results: measured now, 1 case, 6 trials\n {2}baseline: 1 run, [\d-]+, 1 case, 8 trials\n/
    await told(['check', '--baseline', slow, ...words], 0, /^passed: /, heading)
    const [now] = readCsv('now.csv')
    const [old] = readCsv(slow)
    assert(now && old)
    for (const column of [
      'transport',
      'size_bytes',
      'rate_bps',
      'rcvbuf_asked_bytes',
      'engine',
      'seed',
      'scenario',
    ] as const)
      assert.equal(now[column], old[column], column)
  })

  test('of five runs counts how runs differ', async () => {
    const run = (row: number) => `20261101T120000Z-aaa${'abcde'[row % 5]}`
    const five = edited(quick, 'five.csv', 'run_id', run)
    const found = await told(['check', slow, '--baseline', five, '--no-remeasure'], 3, /against 5 runs/)
    assert.doesNotMatch(found, /the baseline has/)
  })

  test('never is the results themselves, which stand among its files, or come on standard input', async () => {
    const note = /! the baseline files include the results, which were left out\n/
    const words = ['--no-remeasure', '--baseline']
    await told(['check', slow, ...words, quick, slow], 3, FELL, /baseline: 1 run/, note)
    const piped = await bench(['check', '-', ...words, quick], { cwd, input: readFileSync(slow, 'utf8') })
    assert.equal(piped.code, 3, piped.stderr)
  })

  test('of another environment is shown, and judged by when it is asked for', async () => {
    const foreign = edited(quick, 'foreign.csv', 'os', () => 'plan9')
    const words = ['check', slow, '--baseline', foreign]
    const why =
      /! the baseline is from another environment, so it is shown but not used to judge: os plan9 in the baseline, linux/
    await told(words, 0, /^passed: 6 not judged\n/, /\n- udp-header: goodput fell by [5-9]\d/, why)
    await told([...words, '--strict'], 3, /^failed: .*\(--strict\)\n/)
    await told([...words, '--any-environment', '--no-remeasure'], 3, FELL)
    // Only the machine that measured it can measure it again.
    const elsewhere = edited(slow, 'elsewhere.csv', 'host', () => 'another-host')
    const there = ['check', elsewhere, '--baseline', quick]
    await told(there, 3, /; not measured again: host was another-host, and here it is /, /not counted: host /)
    // So can only a machine with the same CPU quota.
    const quota = edited(slow, 'quota.csv', 'cpu_quota', () => '97')
    await told(
      ['check', quota, '--baseline', quick, '--any-environment'],
      3,
      /; not measured again: CPU quota was 97, and here it is /,
    )
    await told(['check', quota, '--baseline', quick], 0, /CPU quota (unset|\S+) in the baseline, 97 in the/)
    const mixed = ['check', slow, foreign, '--threshold', 'failed == 0']
    await told(
      mixed,
      2,
      /^bench: the results are from several environments \(os (linux and plan9|plan9 and linux)\)/,
    )
  })

  test('tells what of it cannot be measured here, and is missing then', async () => {
    writeFileSync('one.bin', 'x'.repeat(3000))
    const words = [
      '--file',
      'one.bin',
      '--repeat',
      '3',
      '--warmup',
      '0',
      '--transport',
      'tcp',
      '-q',
      '--out',
      'files.csv',
    ]
    await told(['run', ...words], 0)
    await told(
      ['check', '--baseline', 'files.csv', '--delta', '90%', '--warmup', '0'],
      0,
      /results: measured now, 1 case, 3 trials/,
    )
    rmSync('one.bin')
    const gone =
      /^bench: none of the cases of files\.csv can be measured here: .*the file one\.bin is not here/
    await told(['check', '--baseline', 'files.csv'], 2, gone)
    const missing = /\n\? tcp.*: the baseline has 3 trials of it, and the results have none\n/
    const left = /! tcp, one\.bin, .* was not measured: the file one\.bin is not here; run this where it is\n/
    await told(
      ['check', '--baseline', 'files.csv', slow, '--delta', '90%', '--repeat', '4', '--warmup', '0'],
      0,
      /^passed: 1 of 2 cases not measured, \d+ (inconclusive|not judged|passed)/,
      missing,
      left,
    )
    await told(['check', slow, '--baseline', 'files.csv', quick, '--strict'], 3, missing)
    const fresh = edited(slow, 'fresh.csv', 'transport', row => (row < 4 ? 'udp-header' : 'udp-marker'))
    const unjudged = /\n- udp-marker: never judged: the baseline does not have it\n/
    await told(['check', fresh, '--baseline', slow, '--strict', '--any-environment'], 3, unjudged)
  })

  test('judges side B by side A of a bench ab, in pairs', async () => {
    const common = [
      '--size',
      '16k',
      '--transport',
      'udp-header',
      '--repeat',
      '12',
      '--warmup',
      '0',
      // Of one pair of processes: pairs are what is judged.
      '--processes',
      '1',
      '--out',
      'ab.csv',
      '-q',
    ]
    // Slow enough that a stall of a busy machine turns one of the pairs round at most.
    await told(['ab', '--a', 'rate=200M', '--b', 'rate=500k', ...common], 0)
    const pairs =
      /goodput fell by [5-9]\d.*; p <?0\.0\d+, 12 pairs; not measured again: only bench ab --gate measures the sides of a run again/
    await told(['check', 'ab.csv'], 3, /side B against side A: 1 run/, pairs)
    await told(['check', 'ab.csv', '--baseline', slow], 2, /^bench: ab\.csv holds the sides of bench ab/)

    // None of several kinds is left out in silence.
    const [header, ...rows] = rowsOf('ab.csv')
    const both = [header, ...rows, ...rowsOf(slow).slice(1), ''].join('\r\n')
    writeFileSync('both.csv', both)
    const kinds = /: check each kind on its own$/m
    const mixed = /both\.csv holds sides that differ in rate and trials without sides/
    await told(['check', 'both.csv', '--strict'], 2, mixed, kinds)
    const other = /^bench: \S*slow\.csv holds trials without sides; ab\.csv holds sides that differ in rate/
    await told(['check', slow, 'ab.csv', '--strict'], 2, other, kinds)
    const at = (header ?? '').split(',').indexOf('rate_bps')
    const equal = rows.map(row => row.split(',').with(at, '200000000').join(','))
    writeFileSync(
      'aa.csv',
      [header, ...equal, ''].join('\r\n').replaceAll(/20\d{6}T\d{6}Z-/g, '20260101T000000Z-'),
    )
    await told(['check', 'ab.csv', 'aa.csv'], 2, /differ in rate; aa\.csv holds equal sides/, kinds)
    await told(['check', 'ab.csv', 'ab.csv'], 3, pairs)
  })
})
