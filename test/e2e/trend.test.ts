/** `bench check --history` and `bench trend` from the outside: what is kept, what it is judged by, how the course is shown. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { appendRuns } from '../../results/history/folder.ts'
import { encode } from '../../results/store/formats.ts'
import { commitOf, runOf } from '../support/history-samples.ts'
import { inProcess } from '../support/in-process.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'

const indexes = (count: number) => Array.from({ length: count }, (_, index) => index)

/** A folder with runs in `history`, of these levels. */
function withHistory(context: TestContext, levels: readonly number[]): string {
  const cwd = folder(context)
  for (const [index, level] of levels.entries()) appendRuns(join(cwd, 'history'), runOf(index, level))
  return cwd
}

function results(cwd: string, index: number, level: number): string {
  const path = join(cwd, 'new.csv')
  writeFileSync(path, encode('csv', runOf(index, level, { commit: undefined })))
  return path
}

/** On a terminal of 90 columns. */
const inNinety = (words: readonly string[]) => inProcess(words, 90)

test('a run that is measured is kept with the commit that CI tells; until there are five, nothing is judged', async context => {
  const cwd = folder(context)
  const words = [
    'check',
    '--history',
    'kept',
    '--size',
    '4k',
    '--transport',
    'tcp',
    '--repeat',
    '2',
    '--warmup',
    '0',
  ]
  const env = { GITHUB_SHA: commitOf(1), GITHUB_ACTIONS: '' }
  const first = await bench(words, { cwd, env })
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /not enough runs yet: 0 of 5/)
  const [name = ''] = readdirSync(join(cwd, 'kept'))
  assert.match(name, /^\d{8}T\d{6}Z-[a-z]{4}\.csv$/)
  assert.ok(first.stderr.includes(`kept in ${join('kept', name)}`))
  const rows = readCsv(join(cwd, 'kept', name))
  assert.deepEqual(
    rows.map(row => [row.transport, row.commit]),
    [
      ['tcp', commitOf(1)],
      ['tcp', commitOf(1)],
    ],
  )
  // Without a word on what to measure: the cases of the run before.
  const second = await bench(['check', '--history', 'kept', '--commit', 'v2', '--warmup', '0'], { cwd, env })
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stdout, /not enough runs yet: 1 of 5/)
  const names = readdirSync(join(cwd, 'kept')).filter(each => each.endsWith('.csv'))
  assert.equal(names.length, 2)
  const [row] = readCsv(join(cwd, 'kept', names.find(each => each !== name) ?? ''))
  assert.deepEqual([row?.commit, row?.size_bytes, row?.transport], ['v2', 4096, 'tcp'])
})

test('a regression against the runs before ends with 3, is kept, and is no baseline for the next one', async context => {
  const cwd = withHistory(context, new Array(8).fill(1))
  for (const index of [8, 9, 10]) {
    const words = ['check', results(cwd, index, 0.6), '--history', join(cwd, 'history')]
    const ended = await inNinety([...words, '--commit', commitOf(index)])
    assert.equal(ended.code, 3, ended.stdout + ended.stderr)
    assert.match(ended.stdout, /udp-header: goodput fell by (?:39|4\d)\.\d %[\s\S]*against\s+8 runs/)
    const before = [undefined, /run before was worse\s+too/, /2 runs before were worse\s+too/][index - 8]
    if (before) assert.match(ended.stdout, before)
    assert.equal(readdirSync(join(cwd, 'history')).length, index + 1)
  }
  const kept = readdirSync(join(cwd, 'history')).sort().at(-1) ?? ''
  assert.equal(readCsv(join(cwd, 'history', kept))[0]?.commit, commitOf(10))
  const again = await inNinety(['check', join(cwd, 'new.csv'), '--history', join(cwd, 'history')])
  assert.match(again.stderr, /has this run already/)
  const accepted = [
    'check',
    results(cwd, 11, 0.6),
    '--history',
    'history',
    '--since',
    commitOf(8).slice(0, 8),
  ]
  const after = await bench(accepted, { cwd })
  assert.equal(after.code, 0, after.stdout + after.stderr)
  assert.match(after.stdout, /not enough runs yet: 3 of 5/)
})

test('steady runs pass; a run of another machine has no baseline there', async context => {
  const cwd = withHistory(context, new Array(8).fill(1))
  const history = join(cwd, 'history')
  const steady = await inNinety(['check', results(cwd, 8, 1), '--history', history])
  assert.equal(steady.code, 0)
  assert.match(steady.stdout, /baseline: 8 runs of \S+history/)
  writeFileSync(join(cwd, 'other.csv'), encode('csv', runOf(9, 0.1, { cpu_model: 'Other CPU' })))
  const other = await inNinety(['check', join(cwd, 'other.csv'), '--history', history])
  assert.equal(other.code, 0)
  assert.match(other.stdout, /not enough runs yet: 0 of 5/)
  assert.match(other.stdout, /9 runs in \S+history\s+are from\s+other machines/)
})

test('with --strict a case of which the history has too few runs is named, and ends with 3', async context => {
  const cwd = withHistory(context, new Array(4).fill(1))
  const words = ['check', results(cwd, 5, 1), '--history', join(cwd, 'history')]
  const lenient = await inNinety(words)
  assert.equal(lenient.code, 0, lenient.stdout)
  assert.doesNotMatch(lenient.stdout, /never judged/)
  appendRuns(join(cwd, 'history'), runOf(4, 1))
  const judged = await inNinety([...words, '--strict'])
  assert.equal(judged.code, 0, judged.stdout)
  const few = await inNinety([...words, '--strict', '--since', '2026-03-03'])
  assert.equal(few.code, 3, few.stdout)
  for (const transport of ['tcp', 'udp-header'])
    assert.match(
      few.stdout.replaceAll(/\s+/g, ' '),
      new RegExp(`- ${transport}: never judged: the history does not have enough runs of it`),
    )
})

test('a kept run that is later than now is told, and no baseline; of those that are not nothing is told', async context => {
  const cwd = withHistory(context, new Array(5).fill(1))
  const history = join(cwd, 'history')
  const words = ['check', results(cwd, 6, 1), '--history', history]
  assert.doesNotMatch((await inNinety(words)).stdout, /later than now/)
  // Far better than now: were it a baseline, or the run whose cases are measured, it would show.
  appendRuns(history, runOf(1e5, 3, { scenario: 'of-tomorrow' }))
  appendRuns(history, runOf(1e5 + 1, 3, { scenario: 'of-tomorrow' }))
  const later = await inNinety(words)
  assert.equal(later.code, 0, later.stdout)
  const text = later.stdout.replaceAll(/\s+/g, ' ')
  assert.match(text, /! 2 runs of \S+history are later than now \(2299-\d\d-\d\d 12:00, and it is 20/)
  assert.match(text, /baseline: 5 runs of /)
  const measured = [
    'check',
    '--history',
    history,
    '--size',
    '4k',
    '--repeat',
    '1',
    '--warmup',
    '0',
    '--out',
    join(cwd, 'm.csv'),
  ]
  await inNinety(measured)
  assert.equal(readCsv(join(cwd, 'm.csv'))[0]?.scenario, 'custom')
})

test('bench trend finds the commit with which it changed, as a table, as Markdown and as JSON', async context => {
  const cwd = withHistory(
    context,
    indexes(20).map(index => (index < 12 ? 1 : 0.5)),
  )
  const short = commitOf(12).slice(0, 7)
  const history = join(cwd, 'history')
  const table = await inNinety(['trend', history])
  assert.equal(table.code, 0)
  assert.equal(table.stderr, '')
  assert.match(table.stdout, new RegExp(`udp-header got worse at ${short} \\(2026-03-13\\)`))
  assert.ok(table.stdout.includes('▲ a change'))
  assert.ok(!table.stdout.includes('\u001b'))
  const painted = await bench(['trend', 'history', '--no-chart'], { cwd, env: { FORCE_COLOR: '1' } })
  assert.ok(painted.stdout.includes('\u001b[31m') && !painted.stdout.includes('▲'))
  const plain = await bench(['trend', 'history'], { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
  assert.ok(!plain.stdout.includes('\u001b'))
  const markdown = await inNinety(['trend', history, '--format', 'markdown'])
  assert.match(markdown.stdout, new RegExp(`\\*\\*udp-header\\*\\* got worse at ${short}`))
  const json = await inNinety([
    ...['trend', history, '--format', 'json'],
    ...['--filter', 'udp-*', '--last', '15'],
  ])
  const [course] = JSON.parse(json.stdout).courses
  assert.deepEqual([course.older, course.runs.length, course.cells.length], [5, 15, 1])
  assert.equal(course.runs[course.cells[0].points[course.cells[0].changes[0].point].run].commit, commitOf(12))
})

test('runs of requests go by their round trips, without being asked to', async context => {
  const cwd = folder(context)
  for (const index of indexes(3)) {
    const values = {
      workload: 'exchange',
      requests: 100,
      goodput_bps: undefined,
      rtt_p50_ms: 0.03 + index / 100,
    }
    const run = runOf(index).map(each => ({ ...each, ...values, transport: 'echo-tcp' }))
    appendRuns(join(cwd, 'history'), run)
  }
  const { stdout } = await inNinety(['trend', join(cwd, 'history')])
  assert.match(stdout, /round trip/)
  assert.doesNotMatch(stdout, /goodput/)
})

test('what is wrong with a folder is one line', async context => {
  const cwd = folder(context)
  const at = (name: string) => join(cwd, name)
  mkdirSync(at('empty'))
  mkdirSync(at('foreign'))
  writeFileSync(at('file'), '')
  writeFileSync(at('foreign/a.csv'), 'x,y\n1,2\n')
  writeFileSync(at('new.csv'), encode('csv', runOf(1)))
  appendRuns(at('one'), runOf(0))
  const refused = async (words: readonly string[], part: string) => {
    const ended = await inNinety(words)
    assert.equal(ended.code, 2, ended.stderr)
    assertOneLine(ended, part)
  }
  await refused(['trend', at('empty')], `no runs in ${at('empty')}; bench check --history`)
  await refused(['trend', at('none')], `no runs in ${at('none')}`)
  await refused(['trend', at('file')], 'it is not a folder; name a folder')
  await refused(['trend', at('foreign')], 'foreign/a.csv')
  await refused(['trend', at('one'), '--filter', 'transport=sctp'], 'that matches transport=sctp')
  await refused(['trend'], 'bench trend --help')
  await refused(['trend', at('one'), '--last', '0'], '--last')
  await refused(['trend', at('one'), '--metric', 'goodputt'], 'did you mean goodput?')
  await refused(['check', '--history', at('empty')], 'empty yet; say what to measure')
  await refused(['check', '--history', at('file'), '--size', '4k'], 'it is not a folder; name a folder')
  await refused(['check', '--size', '4k', '--threshold', 'tcp.goodput > 1k', '--since', 'abc'], '--since')
  const judged = ['check', at('new.csv'), '--history', at('one')]
  await refused([...judged, '--since', 'abcdef0'], 'is from this commit; bench trend')
  await refused([...judged, '--since', '2026-02-30'], '--since 2026-02-30: not a day of the calendar')
  await refused(['check', at('new.csv'), '--threshold', 'tcp.goodput > 1k', '--commit', 'abc'], '--commit')
})

test('a run that is later than now is told of, and one of the past is not', async context => {
  const cwd = withHistory(context, [1, 1, 1])
  const path = join(cwd, 'history')
  assert.equal((await inProcess(['trend', path], 90)).stderr, '')
  const [future] = runOf(9, 1)
  assert.ok(future)
  appendRuns(path, [{ ...future, run_id: '20990101T000000Z-abcd', started_at: '2099-01-01T00:00:00.000Z' }])
  const { stderr, stdout } = await inProcess(['trend', path], 90)
  assert.match(
    stderr,
    /^1 run of .*history is later than now \(2099-01-01 00:00, and it is .* UTC\): a clock was wrong/,
  )
  assert.match(stdout, /4 runs/)
})
