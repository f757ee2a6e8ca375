/** How a run can end before its time: Ctrl-C, kill -9, a full disk, a reader that has gone. Rows stay, nothing is left running. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { parseRecord } from '../../results/schema/record.ts'
import {
  allGone,
  assertOneLine,
  BENCH_WORDS,
  bench,
  childrenOf,
  folder,
  runs,
  startBench,
  withoutProc,
} from './cli.ts'
import { assertLaw, parseCsv, readCsv } from './rows.ts'

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
    assert.match(stdout, /^tcp .*completed$/m)
    assert.match(stderr, new RegExp(`^interrupted after ${rows.length} trials\n${rows.length} rows in`, 'm'))
    assert.doesNotMatch(stderr, /bench:/)
  })

  test('in the middle of a slow trial ends all the same, and a document on standard output is whole', async context => {
    const cwd = folder(context)
    // The first trial would take a minute.
    const slow = ['--size', '64k', '--rate', '8k', '--transport', 'udp-header', '--warmup', '0']
    await using running = startBench(['run', ...slow, '--format', 'json', '--out', 'rows.json'], { cwd })
    await running.until('agents', ({ pid }) => childrenOf(pid).length === 2)
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
    assert.match(stdout, /^tcp .*completed$/m)
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
        return children.length === 2 && children
      })
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

const withoutFull = existsSync('/dev/full') ? false : 'this system has no /dev/full'

describe('a full disk', { concurrency: 2 }, () => {
  test('under --out: the run stops before it began', { skip: withoutFull }, async context => {
    const cwd = folder(context)
    const ended = await bench(['run', '--size', '4k', '--out', '/dev/full'], { cwd })
    assert.equal(ended.code, 1)
    assertOneLine(ended, '/dev/full', 'ENOSPC', '--out')
    assert.equal(ended.stdout, '')
  })

  test('under standard output: it is told', { skip: withoutFull }, async context => {
    const cwd = folder(context)
    const shell = ['-c', '"$0" "$@" >/dev/full', ...BENCH_WORDS, 'list']
    const { status, stderr } = spawnSync('sh', shell, { cwd, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.equal(stderr, 'bench: cannot write to standard output: ENOSPC; redirect it to another place\n')
  })

  for (const name of ['rows.csv', 'rows.json']) {
    test(`in the middle of ${name}: the run stops, and the rows so far are whole`, async context => {
      const cwd = folder(context)
      const small = mountSmall(context)
      if (!small) return
      const path = join(small, name)
      const words = ['--size', '4k', '--repeat', '1000', '--warmup', '0', '--format', 'json', '--out', path]
      const ended = await bench(['run', ...words], { cwd })
      assert.equal(ended.code, 1)
      const kept = Number(/the (\d+) rows before it are kept/.exec(ended.stderr)?.[1])
      assert.match(ended.stderr, /\nbench: cannot write to [^\n]+no space left[^\n]+--out\n$/)
      assert.doesNotMatch(ended.stderr, /\s{4}at /)
      const text = readFileSync(path, 'utf8')
      const rows = name.endsWith('.csv') ? parseCsv(text) : JSON.parse(text).records.map(parseRecord)
      assert.equal(rows.length, kept)
      assert(kept > 5)
      assertLaw(rows)
      // The document on standard output is whole too.
      assert.equal(JSON.parse(ended.stdout).records.length >= kept, true)
    })
  }

  test('under --keep: the run stops, the rows so far stay, and no half file', async context => {
    const cwd = folder(context)
    const small = mountSmall(context)
    if (!small) return
    const words = [
      '--size',
      '7000',
      '--transport',
      'tcp',
      '--warmup',
      '0',
      '--keep',
      small,
      '--out',
      'rows.csv',
    ]
    const ended = await bench(['run', ...words], { cwd })
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /\nbench: cannot save [^\n]+ENOSPC[^\n]+--keep\n$/)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assert(rows.length > 0)
    const kept = readdirSync(small).map(name => statSync(join(small, name)).size)
    assert.deepEqual(
      kept,
      rows.map(row => row.size_bytes),
    )
  })

  test('under bench receive: it is told, and no half file stays', async context => {
    const cwd = folder(context)
    const small = mountSmall(context)
    if (!small) return
    const receive = ['receive', '--transport', 'tcp', '--port', '0', '--dir', small]
    await using receiver = startBench(receive, { cwd })
    const port = await receiver.until('port', ({ stderr }) => /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1])
    const large = join(cwd, 'large')
    spawnSync('dd', ['if=/dev/zero', `of=${large}`, 'bs=1024', 'count=64'])
    await bench(['send', large, `127.0.0.1:${port}`, '--transport', 'tcp'], { cwd })
    const { code, stderr } = await receiver.over()
    assert.equal(code, 1)
    assert.match(stderr, /\nbench: cannot save to [^\n]+no space left[^\n]+--dir\n$/)
    assert.equal(spawnSync('ls', ['-A', small], { encoding: 'utf8' }).stdout, '')
  })
})

/** A file system of 16 KiB in a folder of its own; undefined, and the test skipped, where only root may mount one. */
function mountSmall(context: TestContext): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'bench-e2e-small-'))
  context.after(() => {
    spawnSync('umount', [path])
    rmdirSync(path)
  })
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', path])
  if (status !== 0) {
    context.skip('only root may mount a small file system')
    return undefined
  }
  return path
}

function rowsIn(path: string): number {
  if (!existsSync(path) || statSync(path).size === 0) return 0
  return readFileSync(path, 'utf8').split('\n').length - 2
}
