/** A store on the command line: full disks, killed writers, several at once, and the commands that read one. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { storeFiles } from '../../results/archive/folder.ts'
import { readRecords } from '../../results/read/read.ts'
import { encode } from '../../results/store/formats.ts'
import { commitOf, runOf } from '../support/history-samples.ts'
import { test } from '../support/patient.ts'
import { record } from '../support/results-samples.ts'
import { mountSmall } from '../support/small-file-system.ts'
import { assertOneLine, assertRefused, bench, benchProcess, folder, startBench, withoutProc } from './cli.ts'

/** Writes runs, a file each, and returns their names. */
function written(cwd: string, count: number, level = (_: number) => 1): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    writeFileSync(join(cwd, `${index}.csv`), encode('csv', runOf(index, level(index))))
    return `${index}.csv`
  })
}

async function added(cwd: string, names: readonly string[]): Promise<void> {
  const { code, stderr } = await bench(['store', 'add', 'kept', ...names], { cwd })
  assert.deepEqual([code, stderr], [0, ''])
}

test('add, list, compact and query, as the README has them', async context => {
  const cwd = folder(context)
  const names = written(cwd, 3)
  const first = await bench(['store', 'add', 'kept', ...names], { cwd })
  assert.equal(first.stdout, names.map(name => `added ${name}: 10 rows\n`).join(''))
  const again = await bench(['store', 'add', 'kept', '0.csv'], { cwd })
  assert.deepEqual([again.code, again.stdout], [0, 'kept has 0.csv already\n'])
  const list = await benchProcess(['store', 'list', 'kept'], { cwd, env: { COLUMNS: '120' } })
  assert.match(list.stdout, /^run +began \(UTC\) +host +scenario +cases +rows +note *\n/)
  assert.match(list.stdout, /\n20260303T120000Z-ruac {2}2026-03-03 12:00:00 {2}\S+ +custom +2 +10\n$/)
  const sql = 'select transport, count(*) as n from trials group by all order by all'
  const before = await bench(['query', sql, 'kept', '--format', 'csv'], { cwd })
  assert.equal(before.stdout, 'transport,n\r\ntcp,15\r\nudp-header,15\r\n')
  assert.equal(
    before.stderr,
    '3 files of kept are in no table yet; bench store compact kept makes queries faster\n',
  )
  const compacted = await bench(['store', 'compact', 'kept'], { cwd })
  assert.equal(compacted.stdout, '3 files brought into the tables of kept, which are of 3 days\n')
  const formats = {
    csv: before.stdout,
    json: '[\n{"transport":"tcp","n":15},\n{"transport":"udp-header","n":15}\n]\n',
    jsonl: '{"transport":"tcp","n":15}\n{"transport":"udp-header","n":15}\n',
    markdown: '| transport | n |\n| :-- | --: |\n| tcp | 15 |\n| udp-header | 15 |\n',
    table: 'transport    n\n──────────────\ntcp         15\nudp-header  15\n',
  }
  for (const [format, text] of Object.entries(formats)) {
    const ended = await bench(['query', sql, 'kept', '--format', format], { cwd })
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, text, ''], format)
  }
  const none = await bench(['query', 'from trials where false', 'kept', '--format', 'json'], { cwd })
  assert.equal(none.stdout, '[]\n')
  // What comes out can be read again.
  const rows = await bench(['query', 'from trials', 'kept', '--format', 'csv'], { cwd })
  writeFileSync(join(cwd, 'again.csv'), rows.stdout)
  assert.equal((await readRecords([join(cwd, 'again.csv')])).records.length, 30)
})

test('a file that is missing, or a folder, is found before anything is added or made', async context => {
  const cwd = folder(context)
  const [name = ''] = written(cwd, 1)
  for (const [wrong, why] of [
    ['none.csv', 'cannot read none.csv: it does not exist'],
    ['.', 'cannot read .: it is a folder'],
  ] as const)
    assertRefused(await bench(['store', 'add', 'kept', name, wrong], { cwd }), why)
  assert.equal(existsSync(join(cwd, 'kept')), false)
})

test('a long answer is cut in a table, and whole in CSV; Ctrl-C ends a query, and so does a reader that goes', async context => {
  const cwd = folder(context)
  await added(cwd, written(cwd, 1))
  const cut = await bench(['query', 'from range(3000)', 'kept'], { cwd })
  assert.equal(cut.stdout.split('\n').length, 1003)
  assert.match(cut.stderr, /these are the first 1,000 rows; --format csv, json or jsonl writes all\n$/)
  const whole = await bench(['query', 'from range(30000)', 'kept', '--format', 'csv'], { cwd })
  assert.equal(whole.stdout.split('\r\n').length, 30_002)
  await bench(['store', 'compact', 'kept'], { cwd })
  if (withoutProc) return
  const endless = 'select count(*) from range(1000000000000) a, range(1000000) b where a.range * b.range = 7'
  await using asking = startBench(['query', endless, 'kept'], { cwd })
  await asking.until('DuckDB', () => readFileSync(`/proc/${asking.pid}/maps`, 'utf8').includes('libduckdb'))
  await wait(500)
  asking.kill('SIGINT')
  const { code, stderr } = await asking.over()
  assert.deepEqual([code, stderr], [130, 'interrupted before the whole answer was there\n'])
  await using long = startBench(['query', 'from range(100000000)', 'kept', '--format', 'jsonl'], { cwd })
  await long.until('rows', ({ stdout }) => stdout.length > 1000)
  long.closeStdout()
  assert.equal((await long.over()).code, 130)
})

test('without DuckDB a line says how to get it, and everything but queries and tables works', async context => {
  const cwd = folder(context)
  // As Node says it of a package that is not installed.
  const hook = `export const resolve = (name, context, next) => { if (name === '@duckdb/node-api') throw new Error('Cannot find package'); return next(name, context) }`
  const data = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`
  // The newest Node warns of the older way.
  const register = `import * as loader from 'node:module'; ${hook}; loader.registerHooks ? loader.registerHooks({ resolve }) : loader.register(${JSON.stringify(data(hook))})`
  const env = { NODE_OPTIONS: `--import=${data(register)}` }
  const run = (...words: readonly string[]) => benchProcess(words, { cwd, env })
  const names = written(cwd, 2)
  assert.equal((await run('store', 'add', 'kept', ...names)).code, 0)
  assert.equal((await run('store', 'list', 'kept')).code, 0)
  assert.equal((await run('trend', 'kept')).code, 0)
  for (const words of [
    ['store', 'compact', 'kept'],
    ['query', 'from trials', 'kept'],
  ]) {
    const ended = await run(...words)
    assert.equal(ended.code, 1)
    assertOneLine(ended, 'cannot load @duckdb/node-api', 'npm install @duckdb/node-api')
  }
})

test('what is wrong with words, folders and queries is one line', async context => {
  const cwd = folder(context)
  await added(cwd, written(cwd, 1))
  writeFileSync(join(cwd, 'foreign.csv'), 'x,y\n1,2\n')
  const cases = [
    [['store', 'ad', 'kept'], 'did you mean add?'],
    [['store', 'add', 'kept'], 'needs files'],
    [['store', 'add', 'kept', 'nothing.csv'], 'cannot read nothing.csv'],
    [['store', 'add', 'kept', 'foreign.csv'], 'foreign.csv is not added'],
    [['store', 'add', '.', '0.csv'], 'not a store, and has other files'],
    [['store', 'list', 'nowhere'], 'it is not a store; make one with bench store add nowhere FILE'],
    [['store', 'list', 'kept', '0.csv'], 'takes one folder'],
    [['store', 'list', 'kept', '--anew'], '--anew'],
    [['store', 'compact', '0.csv'], 'it is not a folder'],
    [['query', 'from trials', 'nowhere'], 'it is not a store'],
    [['query', 'selec 1', 'kept'], 'Parser Error: syntax error at or near "selec"'],
    [['query', 'select goodput from trials', 'kept'], 'goodput_bps'],
    [['query', "from read_text('/etc/hostname')", 'kept'], 'Permission Error'],
    [['query', 'drop view trials', 'kept'], 'a query is one SELECT'],
    [['query', '', 'kept'], 'the query is empty'],
    [['query', '/* nothing */', 'kept'], 'the query is empty'],
    [['query', 'pivot trials on transport using count(*)', 'kept'], 'PIVOT needs its values'],
    [['compare', 'kept'], 'say what to compare in it with --by commit'],
  ] as const
  for (const [words, part] of cases) {
    const ended = await bench(words, { cwd })
    assert.equal(ended.code, 2, ended.stderr)
    assertOneLine(ended, part)
  }
})

test('a full disk under add and compact: a line, and the store is as it was', async context => {
  const cwd = folder(context)
  const small = mountSmall(context, 256)
  if (!small) return
  const store = join(small, 'kept')
  written(cwd, 1)
  writeFileSync(
    join(cwd, 'large.csv'),
    encode('csv', Array.from({ length: 60 }, (_, index) => runOf(index)).flat()),
  )
  assert.equal((await benchProcess(['store', 'add', store, '0.csv'], { cwd })).code, 0)
  const before = readdirSync(store, { recursive: true }).sort()
  const ended = await benchProcess(['store', 'add', store, 'large.csv'], { cwd })
  assert.equal(ended.code, 1, ended.stderr)
  assertOneLine(ended, `cannot write to the store ${store}`, 'no space left')
  assert.deepEqual(readdirSync(store, { recursive: true }).sort(), before)
  // A table needs more room than is left.
  const filled = spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'filler')}`, 'bs=1024', 'count=1000'])
  assert.notEqual(filled.status, 0)
  const compacted = await benchProcess(['store', 'compact', store], { cwd })
  assert.equal(compacted.code, 1, compacted.stderr)
  assertOneLine(compacted, 'the store', 'o space left')
  assert.deepEqual(readdirSync(store, { recursive: true }).sort(), before)
  const asked = await benchProcess(['query', 'select count(*) as n from trials', store, '--format', 'csv'], {
    cwd,
  })
  assert.equal(asked.stdout, 'n\r\n10\r\n', asked.stderr)
})

test('a query has moments in UTC, whatever the zone of the machine', async context => {
  const cwd = folder(context)
  const row = record({ started_at: new Date(Date.now() - 3_600_000).toISOString() })
  writeFileSync(join(cwd, 'a.csv'), encode('csv', [row]))
  await added(cwd, ['a.csv'])
  const sql =
    'select count(*) as n from trials where started_at between now() - interval 2 hour and now() - interval 30 minute'
  for (const TZ of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const ended = await benchProcess(['query', sql, 'kept', '--format', 'jsonl'], { cwd, env: { TZ } })
    assert.equal(ended.stdout, '{"n":1}\n', `${TZ} ${ended.stderr}`)
  }
})

test('a folder for temporary files that is not there, or full: a line', async context => {
  const cwd = folder(context)
  await added(cwd, written(cwd, 1))
  const from = (TMPDIR: string) => benchProcess(['query', 'from trials', 'kept'], { cwd, env: { TMPDIR } })
  const missing = await from(join(cwd, 'none'))
  assert.equal(missing.code, 2, missing.stderr)
  assertOneLine(missing, `cannot write to ${join(cwd, 'none')}`, 'TMPDIR')
  const small = mountSmall(context, 256)
  if (!small) return
  spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'filler')}`, 'bs=1024', 'count=1000'])
  const full = await from(small)
  assert.equal(full.code, 1, full.stderr)
  assertOneLine(full, `cannot write to ${small}`, 'no space left', 'TMPDIR')
})

test('several that add the same files at once, while tables are made: each file is there once', async context => {
  const cwd = folder(context)
  const names = written(cwd, 12)
  await added(cwd, ['0.csv'])
  const words = ['store', 'add', 'kept', ...names]
  const ended = await Promise.all([
    benchProcess(words, { cwd }),
    benchProcess(words, { cwd }),
    benchProcess(['store', 'compact', 'kept'], { cwd }),
  ])
  assert.deepEqual(
    ended.map(each => [each.code, each.stderr]),
    [
      [0, ''],
      [0, ''],
      [0, ''],
    ],
  )
  assert.equal(storeFiles(join(cwd, 'kept')).length, 12)
  const asked = await bench(['query', 'select count(*) as n from trials', 'kept', '--format', 'csv'], { cwd })
  assert.equal(asked.stdout, 'n\r\n120\r\n')
})

test('killed at any moment, a file is there whole or not at all, and tables are those before or after', async context => {
  const cwd = folder(context)
  const rows = Array.from({ length: 200 }, (_, index) => runOf(index)).flat()
  const names = [0, 1, 2, 3].map(index => {
    writeFileSync(join(cwd, `${index}.csv`), encode('csv', rows.slice(500 * index, 500 * (index + 1))))
    return `${index}.csv`
  })
  for (const [time, words] of [
    ...[250, 320, 400, 480].map(ms => [ms, ['store', 'add', 'kept', ...names]] as const),
    ...[300, 600, 900].map(ms => [ms, ['store', 'compact', 'kept']] as const),
  ]) {
    await using running = startBench(words, { cwd })
    await Promise.race([wait(time), running.ended])
    running.kill('SIGKILL')
    await running.ended
    if (words[1] === 'compact') await added(cwd, names)
    const files = readdirSync(cwd).includes('kept') ? readdirSync(join(cwd, 'kept')) : []
    if (!files.includes('bench-store.json')) continue
    for (const path of storeFiles(join(cwd, 'kept'))) {
      const { records, problems } = await readRecords([path])
      assert.deepEqual([records.length, problems.map(each => each.message)], [500, []])
    }
  }
  assert.equal((await bench(['store', 'compact', 'kept'], { cwd })).code, 0)
  const asked = await bench(['query', 'select count(*) as n from trials', 'kept', '--format', 'csv'], { cwd })
  assert.deepEqual([asked.stdout, asked.stderr], ['n\r\n2000\r\n', ''])
})

test('trend, compare, check, show and report take a store', async context => {
  const cwd = folder(context)
  const names = written(cwd, 20, index => (index < 12 ? 1 : 0.5))
  await added(cwd, names.slice(0, 10))
  await bench(['store', 'compact', 'kept'], { cwd })
  await added(cwd, names.slice(10))
  const trend = await bench(['trend', 'kept', '--no-chart'], { cwd })
  assert.match(trend.stdout, new RegExp(`udp-header got worse at ${commitOf(12).slice(0, 7)}`), trend.stderr)
  const commits = [11, 12].map(index => `${commitOf(index).slice(0, 9)}*`).join(',')
  const words = ['compare', 'kept', '--by', 'commit', '--filter', `udp-header commit=${commits}`]
  const compared = await bench([...words, '--format', 'json'], { cwd })
  assert.equal(compared.code, 0, compared.stderr)
  assert.equal(JSON.parse(compared.stdout).sets.length, 2)
  writeFileSync(join(cwd, 'new.csv'), encode('csv', runOf(20, 0.25)))
  const checked = await bench(
    ['check', 'new.csv', '--history', 'kept', '--no-remeasure', '--since', '2026-03-13'],
    { cwd },
  )
  assert.equal(checked.code, 3, checked.stdout + checked.stderr)
  assert.match(
    checked.stdout + checked.stderr,
    /kept in kept\/files\/20260321T120000Z-ruau-[0-9a-f]{16}\.csv/,
  )
  const again = await bench(['check', 'new.csv', '--history', 'kept', '--no-remeasure'], { cwd })
  assert.match(again.stdout + again.stderr, /has this run already/)
  const list = await bench(
    ['query', 'select count(*) as n, max(rows) as most from runs', 'kept', '--format', 'csv'],
    { cwd },
  )
  assert.equal(list.stdout, 'n,most\r\n21,10\r\n')
  assert.equal((await bench(['show', 'kept', '--filter', 'commit=none'], { cwd })).code, 2)
  assert.equal((await bench(['show', 'kept', '--no-chart'], { cwd })).code, 0)
  assert.equal((await bench(['report', 'kept', '--history', 'kept', '-o', 'r.html'], { cwd })).code, 0)
})
