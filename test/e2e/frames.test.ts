/** `bench run --fps` and `--frames`: pictures in a row, over every transport that carries them, on one host, to strangers and between hosts. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { onceInThree } from '../support/once-in-three.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { assertRefused, bench, folder, PICTURE, peerReport, startPeer } from './cli.ts'
import { samples } from './payloads.ts'
import { readCsv } from './rows.ts'
import { run, startServer, useLab } from './two-hosts.ts'

const SHORT = ['--repeat', '2', '--warmup', '1', '--processes', '1', '--out', 'rows.csv']
const ALL = 'tcp,tls,udp-header,udp-marker,udp-datagram,udp-multicast,udp-stop-and-wait,udp-arq'

/** Every picture that was due has one fate. */
function assertFates(row: TrialRecord, due: number): void {
  const what = JSON.stringify(row)
  const { frames_on_time: onTime, frames_late: late, frames_damaged: damaged, frames_dropped: dropped } = row
  assert.equal(row.frames_due, due, what)
  assert.equal((onTime ?? -1) + (late ?? -1) + (damaged ?? -1) + (dropped ?? -1), due, what)
  assert.equal(row.frames_on_time_ratio, Number(((onTime ?? 0) / due).toFixed(9)), what)
  assert((row.frames_unsent ?? -1) <= (dropped ?? -1), what)
  assert.equal(row.outcome, dropped === 0 && damaged === 0 ? 'completed' : 'incomplete', what)
  if (onTime === 0 && late === 0) return
  // Nothing is said of a delay that two clocks cannot tell.
  const { frame_delay_p50_ms: p50 = 0, frame_delay_max_ms: longest, clock_error_ms: error = 0 } = row
  assert(longest === undefined ? error > 0 : p50 >= 0 && p50 <= longest, what)
}

describe('pictures in a row', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`at a rate, over all transports, on the engine ${engine}`, async context => {
      const cwd = folder(context)
      // One of a datagram, since one transport has all in one.
      const transports = engine === 'native' ? ALL.replace('tls,', '') : ALL
      const words = ['--transport', transports, '--fps', '20,40', '--frames', '8', '--size', '20k']
      const { code, stdout, stderr } = await bench(['run', ...words, '--engine', engine, ...SHORT], { cwd })
      assert.equal(code, 0, stderr)
      const rows = readCsv(join(cwd, 'rows.csv'))
      assert.equal(rows.length, 2 * 2 * transports.split(',').length)
      for (const row of rows) {
        assertFates(row, 8)
        assert.deepEqual([row.workload, row.frames_asked, row.frames_damaged], ['frames', 8, 0])
        assert([20, 40].includes(row.fps ?? 0))
        assert.equal(row.frames_answered === undefined, /marker|multicast/.test(row.transport))
      }
      assert.match(stdout, /pictures of 20,480 B/)
      assert.match(
        stdout.replaceAll(/\s+/g, ' '),
        /Rates that hold \(99 % of the pictures on time or more\): /,
      )
    })

  test('each after the answer to the one before: none is late or left out', async context => {
    const cwd = folder(context)
    const words = ['--frames', '12', '--size', '20k']
    const { code, stdout, stderr } = await bench(['run', ...words, ...SHORT], { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'rows.csv'))
    // The usual transports that answer.
    assert.deepEqual([...new Set(rows.map(row => row.transport))].sort(), ['tcp', 'udp-header'])
    for (const row of rows) {
      assertFates(row, 12)
      const { frames_unsent: unsent, frames_late: late, fps, frame_lateness_max_ms: lateness } = row
      assert.deepEqual([unsent, fps, lateness], [0, undefined, undefined])
      if (row.outcome === 'completed') assert.deepEqual([late, row.frames_answered], [0, 12])
    }
    assert.match(stdout, /each after an answer/)
  })

  test('of files and of a folder, in turn', async context => {
    const cwd = folder(context)
    const pictures = join(cwd, 'pictures')
    mkdirSync(pictures)
    samples(pictures, [1000, 3000, 2000])
    const words = ['--transport', 'udp-header,tcp', '--frames', '7']
    const { code, stderr } = await bench(['run', ...words, '--file', 'pictures', ...SHORT], { cwd })
    assert.equal(code, 0, stderr)
    for (const row of readCsv(join(cwd, 'rows.csv'))) {
      assertFates(row, 7)
      // 1,000, 2,000 and 3,000 B in turn: the file is the first, and the size that of the largest.
      assert.deepEqual([row.file, row.size_bytes], ['sample-1000', 3000])
    }
  })

  test('compare, ab and check know them', async context => {
    const cwd = folder(context)
    const words = ['--transport', 'udp-header', '--fps', '40', '--frames', '6', '--size', '4k']
    const short = ['--repeat', '6', '--processes', '1', '--warmup', '0']
    const paired = await bench(['ab', '-a', 'chunk=512', '-b', 'chunk=1024', ...words, ...short], { cwd })
    assert.equal(paired.code, 0, paired.stderr)
    assert.match(paired.stdout, /delay of pictures/)
    const both = [...words, '--chunk', '512,1024', ...short]
    assert.equal((await bench(['run', ...both, '--out', 'rows.csv'], { cwd })).code, 0)
    const by = ['--by', 'chunk', '--metric', 'frames-on-time']
    const compared = await bench(['compare', 'rows.csv', ...by], { cwd })
    assert.equal(compared.code, 0, compared.stderr)
    assert.match(compared.stdout, /pictures on time/)
    const loose = ['--threshold', 'frames-on-time > 1 %', 'frame-delay < 1m']
    const checked = await bench(['check', 'rows.csv', ...loose], { cwd })
    assert.equal(checked.code, 0, checked.stdout + checked.stderr)
    const strict = await bench(['check', 'rows.csv', '--threshold', 'frame-delay < 1us'], { cwd })
    assert.notEqual(strict.code, 0)
    const page = await bench(['report', 'rows.csv', '--out', 'page.html'], { cwd })
    assert.equal(page.code, 0, page.stderr)
    assert.match(readFileSync(join(cwd, 'page.html'), 'utf8'), /delay of pictures/)
  })

  test('refuses what makes no sense, in one line', async context => {
    const cwd = folder(context)
    for (const [words, ...parts] of [
      [['--frames', '5', '--transport', 'udp-marker'], 'udp-marker has none; give --fps'],
      [['--fps', '1000', '--duration', '10s'], 'at most 4,000 pictures, not 10,000'],
      [['--fps', '0.1', '--frames', '100'], 'a trial of pictures lasts at most'],
      [['--fps', '25', '--verify', 'none'], 'pictures in a row have no --verify none'],
      [['--fps', '25', '--keep', 'kept'], 'pictures in a row have no --keep'],
      [['--fps', '25', '--transport', 'echo-udp'], '--fps 25 is for transports that carry a payload'],
      [['--fps', '0'], '--fps: not a rate of pictures: "0"'],
      [
        ['--fps', '25', '--workload', 'transfer'],
        '--fps is for pictures in a row, and --workload transfer sends none',
      ],
      [['--frames', '2', '--size', '257m'], 'a picture has at most 268,435,456 B, not 269,484,032 B'],
      [['--fps', '25', '--file', 'missing.png'], 'cannot read missing.png'],
    ] as const)
      assertRefused(await bench(['run', ...words, ...SHORT], { cwd }), ...parts)
  })

  test('to a receiver of the original kind: its answers are what is known', {
    skip: withoutPython,
  }, async context => {
    const cwd = folder(context)
    const server = ['receive', 'header', join(cwd, 'got'), '--port', '0', '--count', '12']
    await using running = await startPeer(server, { cwd })
    const words = ['--target', `127.0.0.1:${running.port}`, '--transport', 'udp-header', '--frames', '6']
    const paced = ['--file', PICTURE, '--rate', '40M', '--repeat', '2', '--warmup', '0', '--out', 'rows.csv']
    const { code, stderr } = await bench(['run', ...words, ...paced], { cwd })
    assert.equal(code, 0, stderr)
    for (const row of readCsv(join(cwd, 'rows.csv'))) {
      assert.deepEqual(
        [row.outcome, row.frames_due, row.frames_answered, row.frames_unsent],
        ['completed', 6, 6, 0],
      )
      assert.deepEqual(
        [row.frames_on_time, row.frames_dropped, row.frame_delay_p50_ms],
        Array(3).fill(undefined),
      )
    }
    assert.equal(peerReport(await running.over()).lines.length, 12)
  })
})

describe('pictures between two hosts', { skip: withoutLab() }, () => {
  const hosts = useLab(withoutLab())

  for (const [name, words] of [
    ['forward', []],
    ['reverse', ['--reverse']],
    ['bidir', ['--bidir']],
  ] as const)
    test(`${name}: each has one fate, on compared clocks`, async context => {
      const film = [
        '--transport',
        'tcp,udp-header,udp-marker',
        '--fps',
        '25',
        '--frames',
        '10',
        '--size',
        '20k',
      ]
      const measured = await run(['--host', ADDRESSES.b[4], ...words, ...film], {
        ...{ cwd: folder(context), at: hosts.lab.words('a') },
      })
      assert.deepEqual([measured.code, measured.stderr], [0, ''])
      assert(measured.rows.length > 0)
      for (const row of measured.rows) {
        assertFates(row, 10)
        assert((row.clock_error_ms ?? -1) >= 0, JSON.stringify(row))
      }
    })

  test('a network that loses 2 % of the datagrams stops no camera', async context => {
    hosts.lab.drop('meta l4proto udp numgen inc mod 50 == 0')
    context.after(() => hosts.lab.dropNothing())
    const lossy = async (words: readonly string[]) => {
      const film = [...words, '--size', '20k', '--host', ADDRESSES.b[4]]
      const measured = await run(film, { cwd: folder(context), at: hosts.lab.words('a') })
      assert.deepEqual([measured.code, measured.stderr], [0, ''])
      const sum = (column: 'frames_dropped' | 'frames_unsent' | 'frames_on_time' | 'frames_late') =>
        measured.rows.reduce((total, row) => total + (row[column] ?? 0), 0)
      return { rows: measured.rows, sum }
    }
    // Each fiftieth datagram, so that some are lost for certain: of 20 chunks and a header, two pictures of five.
    const open = await lossy(['--transport', 'udp-header,udp-marker', '--fps', '25', '--frames', '20'])
    for (const row of open.rows) assertFates(row, 20)
    assert(open.sum('frames_dropped') > open.sum('frames_unsent'))
    assert(open.sum('frames_on_time') + open.sum('frames_late') > 0)
    // What is resent arrives: only pictures that were never sent are missing.
    await onceInThree(async () => {
      const resent = await lossy(['--transport', 'udp-arq', '--fps', '10', '--frames', '10'])
      for (const row of resent.rows) assertFates(row, 10)
      assert.equal(resent.sum('frames_dropped'), resent.sum('frames_unsent'))
    })
    // The wait for an answer passes, and the next picture leaves.
    const closed = await lossy(['--transport', 'udp-header', '--frames', '8'])
    for (const row of closed.rows) assertFates(row, 8)
    assert(closed.sum('frames_dropped') > 0)
    assert(closed.sum('frames_on_time') + closed.sum('frames_late') > 0)
    assert.equal(closed.sum('frames_unsent'), 0)
  })

  for (const way of ['forward', 'reverse'])
    test(`as many as a trial may have, ${way}: their times and digests fit in a report`, async context => {
      const cwd = folder(context)
      await using server = await startServer({ cwd, listen: '127.0.0.1:0' })
      const host = ['--host', `127.0.0.1:${server.port}`, ...(way === 'reverse' ? ['--reverse'] : [])]
      const film = ['--transport', 'udp-header', '--fps', '1000', '--frames', '4000', '--size', '100']
      const { rows } = await run([...host, ...film], { cwd })
      const [row = assert.fail('no row')] = rows
      assertFates(row, 4000)
    })

  test('what a server does not allow is said in the row', async context => {
    const cwd = folder(context)
    await using server = await startServer({ cwd, listen: '127.0.0.1:0', words: ['--max-duration', '8s'] })
    const host = ['--host', `127.0.0.1:${server.port}`, '--transport', 'udp-header', '--size', '4k']
    const { rows } = await run([...host, '--fps', '10', '--frames', '100', '--processes', '1'], { cwd })
    const [row = assert.fail('no row')] = rows
    assert.match(row.error_message ?? '', /at most 8\.00 s \(--max-duration\); choose fewer --frames/)
    assert.equal(row.outcome, 'failed')
  })
})
