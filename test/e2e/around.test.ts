/** `--setup`, `--cleanup` and `--pause`: shell commands around what measures, and a rest between trials. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { assertRefused, bench, benchProcess, folder, startBench } from './cli.ts'
import { parseRows } from './rows.ts'

const QUICK = ['--size', '8k', '--transport', 'tcp', '--repeat', '2', '--warmup', '0', '--quiet']
/** Each leaves a line; rows that are there by then are counted. */
const noting = (what: string) => `echo ${what} $(cat rows.csv 2>/dev/null | wc -l) >> log`

describe('commands around a run', { concurrency: 2, skip: process.platform === 'win32' }, () => {
  for (const [what, words] of Object.entries({
    run: ['run', ...QUICK],
    ab: ['ab', '-a', '', '-b', 'sndbuf=64k', ...QUICK],
    check: ['check', ...QUICK, '--threshold', 'tcp.failed == 0'],
  }))
    test(`of bench ${what} run once each, before and after all of it, without the token`, async context => {
      const cwd = folder(context)
      const around = [
        '--setup',
        noting('in'),
        '--cleanup',
        `${noting('out')}; env | grep -c BENCH_TOKEN >> log`,
      ]
      // grep found nothing, which ends the second one with 1.
      const env = { BENCH_TOKEN: '0123456789abcdef' }
      const { code, stderr } = await benchProcess([...words, ...around, '--out', 'rows.csv'], { cwd, env })
      const rows = what === 'ab' ? 4 : 2
      assert.equal(readFileSync(join(cwd, 'log'), 'utf8'), `in 0\nout ${rows + 1}\n0\n`)
      assert.match(stderr, /^bench: --cleanup "echo out .*… ended with 1; mend it, or leave it out\n$/)
      assert.equal(code, 1)
    })

  test('a setup that fails is one line, nothing is measured, and the cleanup runs', async context => {
    const cwd = folder(context)
    const words = ['run', ...QUICK, '--out', 'rows.csv', '--setup', 'exit 7', '--cleanup', noting('out')]
    const { code, stdout, stderr } = await bench(words, { cwd })
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(stderr, 'bench: --setup "exit 7" ended with 7; mend it, or leave it out\n')
    assert.equal(readFileSync(join(cwd, 'log'), 'utf8'), 'out 0\n')
    assert(!existsSync(join(cwd, 'rows.csv')))
  })

  test('nothing runs where a flag is wrong, from a file, or for one side', async context => {
    const cwd = folder(context)
    const around = ['--setup', 'touch here', '--cleanup', 'touch here']
    assertRefused(await bench(['run', ...around, '--size', 'foo'], { cwd }), '--size: not a size')
    assertRefused(await bench(['run', '--setup', ' '], { cwd }), '--setup: the command is empty')
    assertRefused(await bench(['ab', '-a', '', '-b', 'setup=touch here'], { cwd }), 'setup is for both sides')
    writeFileSync(join(cwd, 'mine.yaml'), 'size: 1k\nsetup: touch here\n')
    assertRefused(await bench(['run', 'mine.yaml'], { cwd }), 'has no such key')
    assert(!existsSync(join(cwd, 'here')))
  })

  for (const [when, setup] of Object.entries({ setup: 'touch begun; exec sleep 60', run: 'touch begun' }))
    test(`the cleanup runs after Ctrl-C in the ${when}`, async context => {
      const cwd = folder(context)
      const words = ['run', '--size', '20k', '--rate', '1M', '--transport', 'udp-header', '--repeat', '500']
      const around = ['--setup', setup, '--cleanup', noting('out')]
      await using running = startBench([...words, '--out', 'rows.csv', ...around], { cwd })
      const begun = () => existsSync(join(cwd, when === 'run' ? 'rows.csv' : 'begun'))
      await running.until('begin', begun)
      running.kill('SIGINT')
      const { code, stderr } = await running.over()
      assert.equal(code, 130, stderr)
      assert.match(stderr, /^interrupted (before|after) /m)
      assert.match(readFileSync(join(cwd, 'log'), 'utf8'), /^out \d+\n$/)
    })

  test('a pause lies between all trials of a scenario, and the manifest has it', async context => {
    const cwd = folder(context)
    const words = ['run', ...QUICK, '--transport', 'tcp,udp-header', '--pause', '400ms', '--format', 'jsonl']
    const { code, stdout, stderr } = await bench([...words, '--out', 'rows.csv'], { cwd })
    assert.equal(code, 0, stderr)
    const starts = parseRows(stdout).map(each => Date.parse(each.started_at))
    assert.equal(starts.length, 4)
    // A rest is never shorter than asked for.
    for (const [at, start] of starts.slice(1).entries()) assert(start - (starts[at] ?? 0) >= 399)
    assert.equal(JSON.parse(readFileSync(join(cwd, 'rows.run.json'), 'utf8')).plans[0].plan.pauseMs, 400)
  })
})
