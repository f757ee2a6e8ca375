/** Gates that are called off, and outputs that the disk does not take: what was found is shown and kept. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { bench, childrenOf, folder, runs, startBench, withoutProc } from './cli.ts'

/** A round takes 0.2 s or so. */
const PACED = ['--transport', 'udp-header', '--size', '20k', '--rate', '1M', '--warmup', '0']
const FILES = ['--junit', 'j.xml', '--json', 'v.json']

/** Whole ones. */
function rowsIn(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\r\n').length - 2 : 0
}

describe('a gate that is interrupted', { skip: withoutProc }, () => {
  test('in its pairs judges nothing, shows them, and says so to whoever asked for quiet too', async context => {
    const cwd = folder(context)
    const words = ['ab', '-a', '', '-b', 'sndbuf=64k', ...PACED, '--repeat', '500', '--gate', '-q', ...FILES]
    await using running = startBench([...words, '--out', 'rows.csv'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 4)
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stdout, /^A: /)
    assert.doesNotMatch(stdout, /passed|failed|inconclusive/)
    assert.match(stderr, /^interrupted after \d+ trials; nothing was judged\n\d+ rows in rows\.csv\n$/)
    assert.deepEqual(readdirSync(cwd), ['rows.csv', 'rows.run.json'])
  })

  test('while it measures again shows and keeps its first verdict', async context => {
    const cwd = folder(context)
    const words = ['check', ...PACED, '--repeat', '6', '--threshold', 'goodput > 1Gbps', '--history', 'H']
    await using running = startBench([...words, ...FILES, '--out', 'rows.csv'], { cwd })
    // The 6 rows of the first verdict, and one of the fresh ones.
    await running.until('fresh rows', () => rowsIn(join(cwd, 'rows.csv')) >= 7)
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130, stderr)
    assert.match(stdout, /^failed: 1 of /)
    assert.match(stdout.replaceAll(/\s+/g, ' '), /not measured again: the run ended before that/)
    assert.match(stderr, /^interrupted after \d+ trials; what looked worse was not confirmed$/m)
    assert.match(readFileSync(join(cwd, 'j.xml'), 'utf8'), /<\/testsuites>\n$/)
    assert.equal(JSON.parse(readFileSync(join(cwd, 'v.json'), 'utf8')).verdict, 'failed')
    const kept = readdirSync(join(cwd, 'H'))
    assert.match(kept.join(), /^[^,]*\.csv,[^,]*\.run\.json$/)
    assert.equal(rowsIn(join(cwd, 'H', kept[0] ?? '')), 6)
  })
})

describe('a terminal that is closed', { skip: withoutProc }, () => {
  const endless = ['--size', '16k', '--repeat', '100000', '--warmup', '0', '--out', 'rows.csv']

  test('ends a run as Ctrl-C does', async context => {
    const cwd = folder(context)
    await using running = startBench(['run', ...endless, '--no-chart'], { cwd, env: { _: '' } })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 3)
    running.kill('SIGHUP')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stdout, /^(?:tcp .*|Outcomes: \d+ )completed/m)
    assert.match(stderr, /^interrupted after \d+ trials$/m)
  })

  test('leaves no empty file, not even where a second signal ends it at once', async context => {
    const cwd = folder(context)
    const words = ['check', ...endless, '--threshold', 'failed == 0', ...FILES]
    await using running = startBench(words, { cwd, env: { _: '' } })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 3)
    assert.ok(existsSync(join(cwd, 'j.xml')))
    // Agents that do not answer: the first signal waits for them a while.
    const agents = childrenOf(running.pid)
    for (const agent of agents) process.kill(agent, 'SIGSTOP')
    running.kill('SIGHUP')
    await new Promise(resolve => setTimeout(resolve, 600))
    running.kill('SIGHUP')
    const { code } = await running.over()
    for (const agent of agents) if (runs(agent)) process.kill(agent, 'SIGCONT')
    assert.equal(code, 129)
    assert.deepEqual(readdirSync(cwd), ['rows.csv', 'rows.run.json'])
  })

  test('changes nothing under nohup', async context => {
    const cwd = folder(context)
    const env = { _: '/usr/bin/nohup' }
    await using running = startBench(['run', ...endless], { cwd, env })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 3)
    running.kill('SIGHUP')
    const before = rowsIn(join(cwd, 'rows.csv'))
    await running.until('more rows', () => rowsIn(join(cwd, 'rows.csv')) >= before + 10)
    running.kill('SIGINT')
    assert.equal((await running.over()).code, 130)
  })
})

describe('a full disk', { skip: existsSync('/dev/full') ? false : 'this system has no /dev/full' }, () => {
  test('takes nothing of a verdict: it is shown, and what could not be written is said behind it', async context => {
    const cwd = folder(context)
    const quick = ['--transport', 'tcp', '--size', '4k', '--repeat', '6', '--warmup', '0', '-q']
    const check = (threshold: string) =>
      bench(
        ['check', ...quick, '--threshold', threshold, '--junit', '/dev/full', '--json', 'v.json', '--force'],
        { cwd },
      )
    const passed = await check('failed == 0')
    assert.equal(passed.code, 1)
    assert.match(passed.stdout, /^passed: /)
    assert.match(passed.stderr, /^bench: cannot write to \/dev\/full: .*ENOSPC.*--junit\n$/)
    assert.equal(JSON.parse(readFileSync(join(cwd, 'v.json'), 'utf8')).verdict, 'passed')
    const failed = await check('completed < 1')
    assert.equal(failed.code, 3)
    assert.match(failed.stdout, /^failed: /)
    assert.match(failed.stderr, /ENOSPC/)
  })
})
