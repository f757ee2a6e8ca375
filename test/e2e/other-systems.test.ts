/** What other systems and runtimes do, made here: buffers that are refused, clocks that no other process reads, UTF-16. */

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { flowHere } from '../../bench/fleet/flow.ts'
import { blocksOf } from '../../bench/measure/blocks.ts'
import { measureRun } from '../../bench/measure/run.ts'
import { BUILT_IN } from '../../bench/workloads/catalog.ts'
import { test } from '../support/patient.ts'
import { planOf } from '../support/plans.ts'
import { leavesNothingOpen, NEVER } from '../support/transfers.ts'
import { bench, folder, startBench } from './cli.ts'
import { parseRows } from './rows.ts'

const QUICK = ['--repeat', '1', '--warmup', '0', '--no-chart']
const MOST_BYTES = 2 * 2 ** 20

/** A Node whose system refuses buffers over 2 MiB with ENOBUFS, as FreeBSD and macOS do (kern.ipc.maxsockbuf). */
function refusingBuffers(context: TestContext) {
  const cwd = folder(context)
  writeFileSync(
    join(cwd, 'refuse.cjs'),
    `const { UDP } = process.binding('udp_wrap')
    const { bufferSize } = UDP.prototype
    UDP.prototype.bufferSize = function (size, buffer, context) {
      if (size <= ${MOST_BYTES}) return bufferSize.call(this, size, buffer, context)
      Object.assign(context, { errno: -55, code: 'ENOBUFS', message: 'no buffer space available', syscall: 'uv_recv_buffer_size' })
      return undefined
    }`,
  )
  return { cwd, env: { NODE_OPTIONS: '--no-deprecation --require ./refuse.cjs' } }
}

describe('a system that refuses large buffers', { concurrency: 2 }, () => {
  test('gives what it has: asked and given are in the row, and nothing crashes', async context => {
    const options = refusingBuffers(context)
    const words = [
      '--size',
      '64k',
      '--engine',
      'node',
      '--transport',
      'udp-header,udp-marker',
      '--format',
      'jsonl',
    ]
    const large = ['--rcvbuf', '16m', '--sndbuf', '12m']
    const { code, stdout, stderr } = await bench(['run', ...words, ...QUICK, ...large], options)
    assert.equal(code, 0, stderr)
    const rows = parseRows(stdout)
    assert.equal(rows.length, 2)
    for (const row of rows) {
      assert.equal(row.outcome, 'completed')
      assert.deepEqual([row.rcvbuf_asked_bytes, row.sndbuf_asked_bytes], [16 * 2 ** 20, 12 * 2 ** 20])
      assert(row.rcvbuf_bytes && row.rcvbuf_bytes <= 2 * MOST_BYTES)
    }
    assert.doesNotMatch(stderr, /\n {4}at /)
  })
})

test('agents whose clock begins with their process are refused in one line, and nothing is measured', async context => {
  const main = join(folder(context), 'main.mjs')
  const agent = new URL('../../bench/agent/main.js', import.meta.url).href
  writeFileSync(
    main,
    `const begin = process.hrtime.bigint()
    const real = process.hrtime.bigint
    process.hrtime.bigint = () => real() - begin
    await import(${JSON.stringify(agent)})`,
  )
  await leavesNothingOpen(async () => {
    const program = { node: process.execPath, main }
    const run = measureRun(blocksOf([[{ plan: planOf([{}]), flows: [flowHere('node', { program })] }]]), {
      catalog: BUILT_IN,
      signal: NEVER,
    })
    await assert.rejects(run.next(), {
      name: 'SetupError',
      message: /process has a monotonic clock of its own, .*; run it on Node\.js$/,
    })
  })
})

test('results that PowerShell redirected, in UTF-16, are read as the same', async context => {
  const cwd = folder(context)
  const run = await bench(['run', '--size', '4k', '--transport', 'tcp', ...QUICK, '--out', 'a.csv'], { cwd })
  assert.equal(run.code, 0, run.stderr)
  const text = readFileSync(join(cwd, 'a.csv'), 'utf8')
  writeFileSync(join(cwd, 'le.csv'), Buffer.from(`\ufeff${text}`, 'utf16le'))
  writeFileSync(join(cwd, 'be.csv'), Buffer.from(`\ufeff${text}`, 'utf16le').swap16())
  const [plain, ...others] = await Promise.all(
    ['a', 'le', 'be'].map(name =>
      bench(['compare', `${name}.csv`, '--by', 'round', '--format', 'csv'], { cwd }),
    ),
  )
  for (const other of others) assert.deepEqual([other.code, other.stdout], [plain?.code, plain?.stdout])
})

test('patterns that no shell expanded: files of bench send, and scenarios', async context => {
  const cwd = folder(context)
  const pictures = join(cwd, 'Bilder (x86)')
  mkdirSync(pictures)
  for (const name of ['a.png', 'b.png', 'c.txt']) writeFileSync(join(pictures, name), name)
  const words = ['receive', 'tcp:0', '--dir', 'received', '--count', '2']
  await using receiver = startBench(words, { cwd })
  const port = await receiver.until('port', ({ stderr }) => / at \S+:(\d+) /.exec(stderr)?.[1])
  const target = [`127.0.0.1:${port}`, '--transport', 'tcp']
  const sent = await bench(['send', join(pictures, '*.png'), ...target], { cwd })
  assert.deepEqual([sent.code, sent.stderr], [0, ''])
  assert.equal((await receiver.over()).code, 0)
  const received = readdirSync(join(cwd, 'received')).map(name =>
    readFileSync(join(cwd, 'received', name), 'utf8'),
  )
  assert.deepEqual(received.sort(), ['a.png', 'b.png'])

  for (const name of ['one', 'two']) writeFileSync(join(cwd, `${name}.yaml`), 'size: 1000\ntransport: tcp\n')
  const { code, stdout, stderr } = await bench(['run', '*.yaml', '--format', 'jsonl', '--quiet', ...QUICK], {
    cwd,
  })
  assert.deepEqual([code, stderr], [0, ''])
  assert.deepEqual(
    parseRows(stdout)
      .map(row => row.scenario)
      .sort(),
    ['one', 'two'],
  )
  const none = await bench(['run', 'no*.yaml'], { cwd })
  assert.deepEqual([none.code, none.stderr], [2, 'bench: no file matches no*.yaml; check the path\n'])
})
