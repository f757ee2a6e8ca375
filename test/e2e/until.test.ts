/** `--until`: rounds go on until medians are known well, or their time is over; and what of it is stored and measured again. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import * as z from 'zod'
import { halfWidthOf } from '../../results/statistics/figure.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'

const manifest = z.object({ plans: z.array(z.object({ plan: z.object({ until: z.unknown().optional() }) })) })

/** Two transports in small transfers. */
const SMALL = ['--size', '8k', '--transport', 'tcp,echo-udp', '--messages', '20', '--interval', '1ms']
const WIDE = 0.6

describe('--until', () => {
  test('ends with the first round after which each case is known, and is measured again like that', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'known.yaml'), 'size: 8k\ntransport: tcp\nrepeat: 6\nuntil: 60%\nmax-time: 10m\n')
    const { code, stderr } = await bench(['run', 'known.yaml', '--out', 'a.csv'], { cwd })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /; 6 rounds or more, until each median is known within ± 60 %, for at most 10m; /)
    const rows = readCsv(join(cwd, 'a.csv'))
    const rounds = Math.max(...rows.map(each => each.round))
    assert.equal(rows.length, rounds)
    const isKnown = (until: number) =>
      summarize(rows.filter(each => each.round <= until)).every(({ goodput }) => {
        const { medianBps: median, ...certainty } = goodput ?? assert.fail('no goodput')
        return (halfWidthOf({ n: 0, median, ...certainty }) ?? 1) <= WIDE
      })
    assert.ok(rounds >= 6)
    assert.ok(isKnown(rounds))
    for (let before = 6; before < Math.min(rounds, 50); before++) assert.ok(!isKnown(before), `${before}`)
    assert.match(stderr, new RegExp(`^${rounds} rounds: each median is known within ± 60 %$`, 'm'))
    const { plans } = manifest.parse(JSON.parse(readFileSync(join(cwd, 'a.run.json'), 'utf8')))
    const until = { share: WIDE, withinMs: 600_000, ofProcess: 10 }
    assert.deepEqual(plans[0]?.plan.until, until)

    // The cases of a baseline are measured as they were, or as is asked for now.
    const checked = async (...flags: string[]) => {
      const words = ['check', '--baseline', 'a.csv', '--out', 'b.csv', '--force', '--no-remeasure', ...flags]
      const { code, stderr } = await bench(words, { cwd })
      assert.ok(code === 0 || code === 3, stderr)
      return manifest.parse(JSON.parse(readFileSync(join(cwd, 'b.run.json'), 'utf8'))).plans[0]?.plan.until
    }
    assert.deepEqual(await checked(), until)
    assert.deepEqual(await checked('--until', '90%'), { share: 0.9, withinMs: 300_000, ofProcess: 10 })
    assert.equal(await checked('--until', 'none'), undefined)
  })

  test('when --max-time is over, no round begins; processes are replaced every ten rounds', async context => {
    const cwd = folder(context)
    const words = ['run', ...SMALL, '--until', '0.001%', '--max-time', '1ms', '--repeat', '21', '--quiet']
    const { code, stderr } = await bench([...words, '--out', 'rows.csv'], { cwd })
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /^21 rounds: not known within ± 0\.001 % after --max-time 1ms: echo-udp, chunk 8,192 B \((± .*|no interval)\); tcp, chunk 1,024 B \(.*\)$/m,
    )
    const rows = readCsv(join(cwd, 'rows.csv'))
    assert.equal(rows.length, 2 * 21)
    for (const { round, process } of rows) assert.equal(process, Math.ceil(round / 10))
  })

  test('a gate looks again in twice as many rounds as there were', async context => {
    const cwd = folder(context)
    const words = [
      'check',
      '--size',
      '8k',
      '--transport',
      'tcp',
      '--until',
      '60%',
      '--repeat',
      '6',
      '--out',
      'rows.csv',
    ]
    const { code, stderr } = await bench([...words, '--threshold', 'tcp.goodput > 900Gbps'], { cwd })
    assert.equal(code, 3, stderr)
    const rows = readCsv(join(cwd, 'rows.csv'))
    const [first = '', second] = [...new Set(rows.map(each => each.run_id))]
    const count = (run: string | undefined) => rows.filter(each => each.run_id === run).length
    assert.ok(count(first) >= 6)
    assert.equal(count(second), 2 * count(first))
  })
})
