/** `bench responsiveness`: within this host, and to another one whose queue is deep on the way there only. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import * as z from 'zod'
import { rpmOf } from '../../results/statistics/responsiveness.ts'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { onceInThree } from '../support/once-in-three.ts'
import { isBusy, test } from '../support/patient.ts'
import {
  allGone,
  assertOneLine,
  assertRefused,
  bench,
  childrenOf,
  folder,
  startBench,
  withoutProc,
} from './cli.ts'
import { TOKEN, useLab } from './two-hosts.ts'

const QUEUE_MS = 100
const ms = z.number().positive()
const told = z.object({
  bench_version: z.string(),
  directions: z.array(
    z.object({
      direction: z.string(),
      engine: z.string(),
      outcome: z.literal('completed'),
      class: z.enum(['poor', 'fair', 'good', 'excellent']),
      goodput_bps: z.number().positive(),
      rpm: z.number().positive(),
      rpm_connect_ms: ms,
      rpm_request_ms: ms,
      rpm_loaded_ms: ms,
      rpm_idle_ms: ms,
      rpm_probes: z.int().min(1),
      rpm_connections: z.int().min(1).max(16),
      rpm_confidence: z.enum(['low', 'medium', 'high']),
    }),
  ),
})
type Direction = z.infer<typeof told>['directions'][number]

function assertWhole({ rpm, rpm_connect_ms, rpm_request_ms, rpm_loaded_ms }: Direction): void {
  // Columns have a few digits.
  const made = rpmOf(rpm_connect_ms, rpm_request_ms, rpm_loaded_ms)
  assert.ok(Math.abs(made / rpm - 1) < 1e-3, `${made} of the parts, and ${rpm}`)
}

describe('within this host', () => {
  for (const engine of ENGINES)
    test(`${engine}: the parts make the figure`, context =>
      onceInThree(async () => {
        const words = ['responsiveness', '--engine', engine, '--max-time', '2s', '--format', 'json']
        const { code, stdout, stderr } = await bench(words, { cwd: folder(context) })
        assert.deepEqual([code, stderr], [0, ''])
        const { directions } = told.parse(JSON.parse(stdout))
        assert.deepEqual(
          directions.map(each => [each.direction, each.engine, each.rpm_confidence]),
          [['local', engine, 'low']],
          'two intervals are too few to be stable',
        )
        for (const each of directions) assertWhole(each)
      }))

  test('in words, with what loopback does not show', context =>
    onceInThree(async () => {
      const options = { cwd: folder(context), env: { COLUMNS: '110' } }
      const { code, stdout } = await bench(['responsiveness', '--max-time', '1s'], options)
      assert.equal(code, 0)
      assert.match(stdout, /^this host +[\d,]+ +(poor|fair|good|excellent) +low /m)
      assert.match(stdout, /^over loopback: this shows the machine, not a network/m)
    }))

  for (const [words, part] of [
    [['--tls'], '--tls is for another host'],
    [['--max-time', '0s'], '--max-time: too short'],
    [['--max-time', '3'], '--max-time: not a duration'],
    [['host:99999'], 'not a target'],
    [['--engine', 'node', '--congestion', 'cubic'], '--congestion: node:net cannot set it'],
  ] as const)
    test(`${words.join(' ')}: a line that says what is wrong`, async context => {
      assertRefused(await bench(['responsiveness', ...words], { cwd: folder(context) }), part)
    })

  test('a host without a server: a line, and 1', async context => {
    const ended = await bench(['responsiveness', '127.0.0.1:1'], { cwd: folder(context) })
    assert.equal(ended.code, 1)
    assertOneLine(ended, '127.0.0.1')
  })

  test('Ctrl-C ends it, and its agents', { skip: withoutProc }, async context => {
    await using running = startBench(['responsiveness', '--max-time', '60s'], { cwd: folder(context) })
    const agents = await running.until('agents', ({ pid }) => {
      const children = childrenOf(pid)
      return children.length === 2 && children
    })
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.deepEqual([code, stdout], [130, ''], stderr)
    assert.match(stderr, /^interrupted before both directions were measured$/m)
    await allGone(agents)
  })

  test('as a workload its rows are read again', async context => {
    const cwd = folder(context)
    const what = ['--workload', 'responsiveness', '--transport', 'tcp', '--duration', '1s']
    const words = ['run', ...what, '--repeat', '1', '--warmup', '0', '--out', 'r.csv', '--force']
    await onceInThree(async () => {
      const { code, stdout, stderr } = await bench(words, { cwd })
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^transport +RPM +class /m)
      assert.match(
        stdout,
        /^tcp +[\d,]+ +(poor|fair|good|excellent) +(low|medium|high) .*\n\nOutcomes: 1 completed\.$/m,
      )
    })
    assert.equal((await bench(['report', 'r.csv', '-o', 'r.md'], { cwd })).code, 0)
    assertRefused(await bench([...words, '--size', '1k'], { cwd }), 'leave --size or --duration out')
    const over = ['--workload', 'responsiveness', '--transport', 'udp-marker']
    assertRefused(await bench(['run', ...over], { cwd }), 'it cannot send requests behind a load')
  })
})

describe('a queue of 100 ms on the way there', { skip: withoutLab() }, () => {
  const hosts = useLab(withoutLab())

  test('is found there, and not on the way back', context => onceInThree(() => isFound(context)))

  async function isFound(context: TestContext): Promise<void> {
    hosts.lab.setBottleneck('20mbit', `${QUEUE_MS}ms`)
    const words = [
      'responsiveness',
      ADDRESSES.b[4],
      '--max-time',
      '6s',
      '--format',
      'json',
      '--congestion',
      'cubic',
    ]
    const options = { cwd: folder(context), at: hosts.lab.words('a'), env: { BENCH_TOKEN: TOKEN } }
    const { code, stdout, stderr } = await bench(words, options)
    assert.deepEqual([code, stderr], [0, ''])
    const { directions } = told.parse(JSON.parse(stdout))
    for (const each of directions) assertWhole(each)
    const [there, back] = directions
    assert(there && back)
    assert.deepEqual([there.direction, back.direction], ['forward', 'reverse'])
    const said = JSON.stringify(there)
    assert.ok(there.goodput_bps < 20e6, said)
    assert.ok(there.rpm < back.rpm, `${said}, ${JSON.stringify(back)}`)
    if (isBusy()) return
    assert.ok(there.rpm_idle_ms < QUEUE_MS / 2, said)
    for (const loaded of [there.rpm_connect_ms, there.rpm_request_ms])
      assert.ok(Math.abs(loaded - QUEUE_MS) < 0.2 * QUEUE_MS, said)
    // Behind the load, there is what waits in this host, too, and what has to be sent again.
    assert.ok(there.rpm_loaded_ms > 0.75 * QUEUE_MS, said)
  }
})
