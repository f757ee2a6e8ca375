/** How a run can end before its time: Ctrl-C, kill -9, lost agents, a reader that has gone. Rows stay, nothing is left running. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { readRecords } from '../../results/read/read.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { test } from '../support/patient.ts'
import { allGone, benchProcess, childrenOf, folder, runs, startBench, withoutProc } from './cli.ts'
import { assertLaw, readCsv } from './rows.ts'

/** Far more trials than a test can wait for. */
const ENDLESS = ['run', '--size', '16k', '--repeat', '100000', '--warmup', '0', '--no-chart']

describe('a run that is ended', { concurrency: 2, skip: withoutProc }, () => {
  test('by Ctrl-C shows what it measured, keeps its rows, leaves no process, and exits with 130', async context => {
    const cwd = folder(context)
    await using running = startBench([...ENDLESS, '--out', 'rows.csv'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 6)
    const agents = childrenOf(running.pid)
    assert.equal(agents.length, 2)
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130)
    await allGone(agents)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assertLaw(rows)
    assert.match(stdout, /^(?:tcp .*|Outcomes: \d+ )completed/m)
    assert.match(stderr, new RegExp(`^interrupted after ${rows.length} trials\n${rows.length} rows in`, 'm'))
    assert.doesNotMatch(stderr, /bench:/)
  })

  test('by a second Ctrl-C while it waits for its agents: what it has written can be read', async context => {
    const cwd = folder(context)
    for (const name of ['rows.json', 'rows.csv', 'rows.jsonl']) {
      const words = [...ENDLESS, '--transport', 'tcp', '--format', 'json', '--out', name]
      await using running = startBench(words, { cwd })
      await running.until('rows', ({ stdout }) => stdout.split('\n').length > 6)
      const agents = childrenOf(running.pid)
      try {
        // They do not let go, and the run waits 2 s for them.
        for (const pid of agents) process.kill(pid, 'SIGSTOP')
        running.kill('SIGINT')
        await new Promise(resolve => setTimeout(resolve, 600))
        running.kill('SIGINT')
        const { code, stdout } = await running.over()
        assert.equal(code, 130)
        assert.ok(JSON.parse(stdout).records.length >= 5)
        const kept = await readRecords([join(cwd, name)])
        assert.deepEqual(kept.problems, [])
        assert.equal(kept.records.length, JSON.parse(stdout).records.length)
      } finally {
        for (const pid of agents) if (runs(pid)) process.kill(pid, 'SIGKILL')
      }
    }
  })

  test('in the middle of a slow trial ends all the same, and a document on standard output is whole', async context => {
    const cwd = folder(context)
    // The first trial would take a minute.
    const slow = ['--size', '64k', '--rate', '8k', '--transport', 'udp-header', '--warmup', '0']
    await using running = startBench(['run', ...slow, '--format', 'json', '--out', 'rows.json'], { cwd })
    // They start before it is known what they are for.
    await running.until('file', () => existsSync(join(cwd, 'rows.json')))
    await new Promise(resolve => setTimeout(resolve, 300))
    const agents = childrenOf(running.pid)
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130, stderr)
    assert.deepEqual(JSON.parse(stdout).records, [])
    assert.deepEqual(JSON.parse(readFileSync(join(cwd, 'rows.json'), 'utf8')).records, [])
    assert.match(stderr, /interrupted after 0 trials\n0 rows in rows\.json\n$/)
    await allGone(agents)
  })

  test('by two signals that come together, as `timeout -s INT` sends them, is ended once', async context => {
    const cwd = folder(context)
    await using running = startBench([...ENDLESS, '--out', 'rows.csv'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 3)
    running.kill('SIGINT')
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stdout, /^(?:tcp .*|Outcomes: \d+ )completed/m)
    assert.match(stderr, /^interrupted after /m)
  })

  test('a second Ctrl-C ends it at once', async context => {
    const cwd = folder(context)
    await using running = startBench([...ENDLESS, '--out', 'rows.csv'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 3)
    // Agents that do not answer: the first one waits for them a while.
    const agents = childrenOf(running.pid)
    for (const agent of agents) process.kill(agent, 'SIGSTOP')
    running.kill('SIGINT')
    await new Promise(resolve => setTimeout(resolve, 600))
    running.kill('SIGINT')
    const { code, stderr } = await running.over()
    for (const agent of agents.filter(runs)) process.kill(agent, 'SIGCONT')
    assert.equal(code, 130)
    assert.doesNotMatch(stderr, /interrupted after/)
    await allGone(agents)
  })

  test('by kill -9 leaves a valid CSV with every finished trial, and its agents end by themselves', async context => {
    const cwd = folder(context)
    await using running = startBench([...ENDLESS, '--out', 'rows.csv'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 10)
    const agents = childrenOf(running.pid)
    running.kill('SIGKILL')
    const { signal } = await running.over()
    assert.equal(signal, 'SIGKILL')
    const rows = readCsv(join(cwd, 'rows.csv'))
    assert(rows.length >= 10)
    assertLaw(rows)
    assert.equal(rows.at(-1)?.trial, rows.length)
    await allGone(agents)
  })

  test('by kill -9 leaves a valid JSON document too', async context => {
    const cwd = folder(context)
    await using running = startBench([...ENDLESS, '--out', 'rows.json'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.json')) >= 6)
    const agents = childrenOf(running.pid)
    running.kill('SIGKILL')
    await running.over()
    const { records } = JSON.parse(readFileSync(join(cwd, 'rows.json'), 'utf8'))
    assertLaw(records.map(parseRecord))
    await allGone(agents)
  })

  test('by its agents’ death goes on with fresh ones', async context => {
    const cwd = folder(context)
    // 33 ms each, of one pair of agents.
    const paced = ['--size', '16k', '--rate', '4M', '--transport', 'udp-header', '--processes', '1']
    const words = ['run', ...paced, '--repeat', '30', '--warmup', '0', '--no-chart']
    await using running = startBench([...words, '--out', 'rows.csv'], { cwd })
    await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 5)
    for (const agent of childrenOf(running.pid)) process.kill(agent, 'SIGKILL')
    const { code, stderr } = await running.over()
    const rows = readCsv(join(cwd, 'rows.csv'))
    assert.equal(rows.length, 30, stderr)
    const failed = rows.filter(row => row.outcome !== 'completed')
    assert(failed.length <= 2, JSON.stringify(failed))
    assert(failed.every(row => row.outcome === 'failed'))
    if (failed.length === 0)
      assert.match(stderr, /^note: the .* lost between two trials, and fresh ones go on$/m)
    assert.equal(code, 1)
  })

  for (const [command, ...words] of [
    ['run', '--no-chart', '--quiet'],
    ['ab', '--a', '', '--b', 'rcvbuf=default', '--no-chart'],
    ['check', '--threshold', 'goodput > 1bps'],
  ]) {
    test(`by an agent’s death in the warm-up of ${command} is said, and ends with 1`, async context => {
      const cwd = folder(context)
      const scenario = ['transport: udp-header', 'size: 16k', 'warmup: 20', 'repeat: 6']
      writeFileSync(join(cwd, 'scenario.yaml'), `name: s\n${scenario.join('\n')}\n`)
      const all = [command ?? '', 'scenario.yaml', ...words, '--out', 'rows.csv']
      await using running = startBench(all, { cwd })
      const agents = await running.until('agents', ({ pid }) => {
        const children = childrenOf(pid)
        return children.length === 2 && existsSync(join(cwd, 'rows.csv')) && children
      })
      // They may have started before it is known what they are for.
      await new Promise(resolve => setTimeout(resolve, 200))
      process.kill(agents[0] ?? assert.fail(), 'SIGKILL')
      const { code, stderr } = await running.over()
      assert(
        readCsv(join(cwd, 'rows.csv')).every(row => row.outcome !== 'failed'),
        stderr,
      )
      assert.match(
        stderr,
        /^note: the (sender|receiver) was lost (in warm-up \(.*SIGKILL\)|between two trials), and fresh ones go on$/m,
      )
      assert.equal(code, 1, stderr)
    })
  }

  for (const [name, words, expected] of [
    ['a wrong flag', ['--sise', '1k'], 2],
    ['a file that cannot be written', ['--out', '/proc/nowhere/rows.csv'], 2],
    ['a request for help', ['--help'], 0],
  ] as const)
    test(`by ${name} leaves no process, whatever had started`, async context => {
      const env = { BENCH_TEST_MARK: `${process.pid} ${name}` }
      const { code, stderr } = await benchProcess(['run', ...words], { cwd: folder(context), env })
      assert.equal(code, expected, stderr)
      await allGone(marked(env.BENCH_TEST_MARK))
    })

  for (const signal of ['SIGINT', 'SIGKILL'] as const)
    test(`by ${signal} before it has begun leaves no process`, async context => {
      const env = { BENCH_TEST_MARK: `${process.pid} ${signal}` }
      for (let afterMs = 0; afterMs <= 150; afterMs += 50) {
        await using running = startBench(['run', '--repeat', '3'], { cwd: folder(context), env })
        await running.until('agents', ({ pid }) => childrenOf(pid).length > 0)
        await new Promise(resolve => setTimeout(resolve, afterMs))
        running.kill(signal)
        await running.over()
        await allGone(marked(env.BENCH_TEST_MARK))
      }
    })

  test('has the agents that started ahead, if it needs such ones', async context => {
    const cwd = folder(context)
    const paced = { transport: 'udp-header', size: '64k', rate: '4M', repeat: 10, processes: 1 }
    for (const [more, ends] of [
      [{}, 2],
      [{ pin: '0,0' }, 2],
      [{ target: '127.0.0.1:9' }, 1],
    ] as const) {
      const lines = Object.entries({ name: 's', ...paced, ...more }).map(each => each.join(': '))
      writeFileSync(join(cwd, 'scenario.yaml'), lines.join('\n'))
      const words = ['run', 'scenario.yaml', '--force', '--warmup', '0', '--out', 'rows.csv']
      rmSync(join(cwd, 'rows.csv'), { force: true })
      await using running = startBench(words, { cwd })
      const first = await running.until('agents', ({ pid }) => childrenOf(pid).length > 0 && childrenOf(pid))
      await running.until('rows', () => rowsIn(join(cwd, 'rows.csv')) >= 2)
      const agents = childrenOf(running.pid)
      assert.equal(agents.length, ends)
      assert.equal(agents.includes(first[0] ?? 0), Object.keys(more).length === 0)
      await running.over()
    }
  })

  test('because nobody reads any more, says so in one line', async context => {
    const cwd = folder(context)
    await using running = startBench([...ENDLESS, '--format', 'jsonl', '--out', 'rows.csv'], { cwd })
    await running.until('rows', ({ stdout }) => stdout.split('\n').length > 3)
    const agents = childrenOf(running.pid)
    running.closeStdout()
    const { code, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stderr, /^interrupted after \d+ trials, since the reader of standard output has gone$/m)
    assert.doesNotMatch(stderr, /bench:|EPIPE|\s{4}at /)
    assertLaw(readCsv(join(cwd, 'rows.csv')))
    await allGone(agents)
  })

  test('by a pipe that is closed before the results come, all the same', async context => {
    const cwd = folder(context)
    await using running = startBench(
      ['run', '--size', '4k', '--repeat', '3', '--warmup', '0', '--out', 'rows.csv'],
      { cwd },
    )
    running.closeStdout()
    const { code, stderr } = await running.over()
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /bench:|EPIPE|\s{4}at /)
    assert.equal(readCsv(join(cwd, 'rows.csv')).length, 9)
  })
})

/** The processes whose environment has this mark, however they came about. */
function marked(mark: string): readonly number[] {
  return readdirSync('/proc').flatMap(name => {
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(mark) ? [Number(name)] : []
    } catch {
      // It is none, or has ended.
      return []
    }
  })
}

function rowsIn(path: string): number {
  if (!existsSync(path) || statSync(path).size === 0) return 0
  return readFileSync(path, 'utf8').split('\n').length - 2
}
