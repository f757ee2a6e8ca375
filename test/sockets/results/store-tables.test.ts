/** The tables of a store: what is in them, and several that make them. */
import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { catalogueOf, compact } from '../../../results/archive/compact.ts'
import { addFile, tablesIn } from '../../../results/archive/folder.ts'
import { COLUMNS } from '../../../results/schema/columns.ts'
import { intervalsPath } from '../../../results/schema/intervals.ts'
import { encode } from '../../../results/store/formats.ts'
import { IntervalsFile } from '../../../results/store/intervals.ts'
import { encodeManifest } from '../../../results/store/json.ts'
import { runOf } from '../../support/history-samples.ts'
import { test } from '../../support/patient.ts'
import { intervalsOf, manifest, record, streamRuns } from '../../support/results-samples.ts'
import { ask, emptyStore } from '../../support/stores.ts'

test('intervals of streams are a table of their own', async context => {
  const { store, path, write } = emptyStore(context)
  const rows = streamRuns()
  const file = write('s.csv', encode('csv', rows))
  const intervals = intervalsOf(rows)
  {
    using written = new IntervalsFile(file, { overwrite: false })
    for (const each of intervals) written.write(each)
  }
  assert.equal(existsSync(intervalsPath(join(path, 's.csv'))), true)
  await addFile(store, file)
  const joined = 'select count(*) from intervals join trials using (run_id, trial, flow, direction)'
  const total = intervals.reduce((sum, each) => sum + (each.bytes_delivered ?? 0), 0)
  const before = (await ask(store, 'select count(*), sum(bytes_delivered) from intervals')).rows
  assert.deepEqual(before, [[intervals.length, total]])
  await compact(store)
  assert.deepEqual((await ask(store, 'select count(*), sum(bytes_delivered) from intervals')).rows, before)
  assert(Number((await ask(store, joined)).rows[0]?.[0]) >= intervals.length)
})

test('intervals of a run over midnight are there once, if another file has only the end of it', async context => {
  const { store, write } = emptyStore(context)
  const rows = streamRuns()
    .slice(0, 2)
    .map((row, at) => ({
      ...row,
      ...{ run_id: 'over-midnight', trial: at + 1, started_at: `2026-03-0${at + 1}T00:00:00.000Z` },
    }))
  const intervals = intervalsOf(rows)
  for (const part of [rows, rows.slice(1)]) {
    const file = write(`${part.length}.csv`, encode('csv', part))
    {
      using written = new IntervalsFile(file, { overwrite: false })
      for (const each of intervals) if (part.some(({ trial }) => trial === each.trial)) written.write(each)
    }
    await addFile(store, file)
  }
  const sql = 'select count(*), (select count(*) from trials) from intervals'
  assert.deepEqual((await ask(store, sql)).rows, [[intervals.length, 2]])
})

test('intervals that come after their file are brought into the tables; what is wrong with them is a line', async context => {
  const { store, path, write } = emptyStore(context)
  const rows = streamRuns()
  const text = encode('csv', rows)
  await addFile(store, write('without.csv', text))
  assert.deepEqual((await compact(store)).problems, [])
  const file = write('s.csv', text)
  const intervals = intervalsOf(rows)
  {
    using written = new IntervalsFile(file, { overwrite: false })
    for (const each of intervals) written.write(each)
  }
  const beside = intervalsPath(join(path, 's.csv'))
  writeFileSync(beside, `${readFileSync(beside, 'utf8')}damaged\r\n`)
  const added = await addFile(store, file)
  assert.equal(added.added, false)
  const sql = 'select count(*), (select count(*) from trials) from intervals'
  const { rows: counts, notes } = await ask(store, sql)
  assert.deepEqual(counts, [[intervals.length, rows.length]])
  assert.equal(notes.length, 2)
  const left = `${intervalsPath(added.path)}: 1 of ${intervals.length + 1} intervals left out; the first, line `
  assert(notes[0]?.startsWith(left), notes[0])
  const { files, problems } = await compact(store)
  assert.deepEqual([files, problems.length], [1, 1])
  assert.deepEqual(await ask(store, sql), {
    columns: ['count_star()', '(SELECT count_star() FROM trials)'],
    rows: counts,
    notes: [],
  })
  assert.equal((await compact(store)).files, 0)
})

test('names and texts that DuckDB does not take cost no query', async context => {
  const { store, write, add } = emptyStore(context)
  const odd = { '': 'a', 'nul\u0000': 'b', 'half \ud800': 'c', 'line\n': 'd', fine: 'e', Fine: 'f' }
  const half = { host: 'h\ud800', run_id: 'r\ud800\u0000' }
  const text = encode('jsonl', [record({ trial: 1 }), record({ trial: 2, ...half })])
  const lines = text
    .split('\n')
    .map(line => (line === '' ? '' : JSON.stringify({ ...JSON.parse(line), ...odd })))
  write('a.run.json', encodeManifest({ ...manifest('run'), note: 'n\udfff' }))
  await add('a.jsonl', lines.join('\n'))
  for (let time = 0; time < 2; time++) {
    assert.deepEqual((await ask(store, 'select fine, count(*) from trials group by 1')).rows, [['e', 2]])
    const joined = 'select count(*) from trials join runs using (run_id, host)'
    assert.deepEqual((await ask(store, joined)).rows, [[2]])
    await compact(store)
  }
})

test('of more columns than a table has room for, each row is still in one file, and a line names them', async context => {
  const { store, add } = emptyStore(context)
  const lines = Array.from({ length: 50 }, (_, trial) => {
    const others = Array.from({ length: 10 }, (_, at) => [`other ${trial * 10 + at}`, 'x'])
    const row = JSON.parse(
      encode('jsonl', [record({ trial: trial + 1 })])
        .trim()
        .split('\n')
        .at(-1) ?? '',
    )
    return `${JSON.stringify({ ...row, ...Object.fromEntries(others) })}\n`
  })
  const { path } = await add('a.jsonl', lines.join(''))
  const { problems } = await compact(store)
  assert.deepEqual(
    problems.map(each => each.message),
    [
      `${path}: columns left out ("other 200", "other 201", "other 202" …); beside its own a table has up to 200, of names without control characters that differ in more than capitals`,
    ],
  )
  assert.equal(Object.values(catalogueOf(store).trials).flat().length, 1)
  assert.deepEqual((await ask(store, 'select count(*), count("other 199") from trials')).rows, [[50, 1]])
})

test('tables are of days, in UTC, and typed by the column table', async context => {
  const { store, add } = emptyStore(context)
  const late = '2026-03-01T23:59:59.999Z'
  const early = '2026-03-02T00:00:00.000Z'
  await add(
    'a.csv',
    encode('csv', [record({ started_at: late, trial: 1 }), record({ started_at: early, trial: 2 })]),
  )
  await compact(store)
  const { trials } = catalogueOf(store)
  assert.deepEqual(Object.keys(trials), ['2026-03-01', '2026-03-02'])
  const types = new Map((await ask(store, 'describe trials')).rows.map(([name, type]) => [name, type]))
  assert.deepEqual(
    ['started_at', 'trial', 'goodput_bps', 'payload_intact', 'transport'].map(name => types.get(name)),
    ['TIMESTAMP', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'VARCHAR'],
  )
  assert.deepEqual(
    [...types.keys()],
    COLUMNS.map(({ name }) => name),
  )
})

test('tables that are gone, damaged or of files that are gone are made again', async context => {
  const { store, add } = emptyStore(context)
  const { path } = await add('a.csv', encode('csv', runOf(0)))
  await add('b.csv', encode('csv', runOf(1)))
  await compact(store)
  const count = async () => (await ask(store, 'select count(*) from trials')).rows[0]?.[0]
  unlinkSync(path)
  assert.equal(await count(), 10, 'a person removed a file')
  assert.equal((await compact(store)).files, 1)
  for (const name of readdirSync(tablesIn(store)))
    if (name.includes('.trials.')) rmSync(join(tablesIn(store), name))
  assert.equal(await count(), 10)
  await compact(store)
  const [[damaged] = []] = Object.values(catalogueOf(store).trials)
  writeFileSync(join(tablesIn(store), String(damaged)), 'PAR1')
  await assert.rejects(
    count(),
    /^SetupError: DuckDB failed: [^\n]*; bench store compact DIR --anew makes all tables again$/,
  )
  await compact(store, { anew: true })
  assert.equal(await count(), 10)
  writeFileSync(join(tablesIn(store), `catalogue.${catalogueOf(store).number}.json`), '{"files":')
  assert.equal(await count(), 10)
  rmSync(tablesIn(store), { recursive: true })
  assert.equal(await count(), 10)
  assert.equal((await compact(store)).files, 1)
})

test('two that make tables at once do no harm, and what is old goes away', async context => {
  const { store, add } = emptyStore(context)
  for (let index = 0; index < 4; index++) await add(`${index}.csv`, encode('csv', runOf(index)))
  const done = await Promise.all([compact(store), compact(store), compact(store)])
  assert.deepEqual(done.map(each => each.files).sort(), [4, undefined, undefined])
  const count = async () => (await ask(store, 'select count(*) from trials')).rows[0]?.[0]
  assert.equal(await count(), 40)
  for (let index = 4; index < 7; index++) {
    await add(`${index}.csv`, encode('csv', runOf(index)))
    await compact(store)
  }
  assert.equal(await count(), 70)
  const names = readdirSync(tablesIn(store))
  assert.deepEqual(names.filter(name => name.startsWith('catalogue')).sort(), [
    'catalogue.3.json',
    'catalogue.4.json',
  ])
  const { trials } = catalogueOf(store)
  assert.deepEqual(
    names.filter(name => name.endsWith('.parquet')).sort(),
    Object.values(trials).flat().sort(),
  )
})

test('one that was overtaken publishes nothing, and removes no table of the others', async context => {
  const { store, add } = emptyStore(context)
  await add('0.csv', encode('csv', runOf(0)))
  await compact(store)
  await add('1.csv', encode('csv', runOf(1)))
  const tables = tablesIn(store)
  const first = readFileSync(join(tables, 'catalogue.1.json'), 'utf8')
  const [[table = ''] = []] = Object.values(catalogueOf(store).trials)
  const theirs = table.replace('.trials.1.', '.trials.2.')
  const { signal } = new AbortController()
  let calls = 0
  // Others go three numbers further while it is at work.
  Object.defineProperty(signal, 'throwIfAborted', {
    value() {
      if (calls++ > 0) return
      copyFileSync(join(tables, table), join(tables, theirs))
      for (const number of [3, 4])
        writeFileSync(join(tables, `catalogue.${number}.json`), first.replace(table, theirs))
    },
  })
  assert.equal((await compact(store, { signal })).files, undefined)
  assert(calls > 0)
  assert.equal(catalogueOf(store).number, 4)
  assert.equal(existsSync(join(tables, theirs)), true)
  assert.equal((await compact(store)).files, 1)
  assert.deepEqual((await ask(store, 'select count(*) from trials')).rows, [[20]])
})

test('tables that another version made of other columns are made again', async context => {
  const { store, add } = emptyStore(context)
  await add('a.csv', encode('csv', runOf(0)))
  await compact(store)
  const catalogue = join(tablesIn(store), 'catalogue.1.json')
  const { columns, ...rest } = JSON.parse(readFileSync(catalogue, 'utf8'))
  assert.match(columns, /^[0-9a-f]{16}$/)
  for (const other of [rest, { ...rest, columns: '0123456789abcdef' }]) {
    writeFileSync(catalogue, JSON.stringify(other))
    assert.deepEqual(catalogueOf(store).files, [])
    assert.equal((await ask(store, 'from trials')).notes.length, 1)
  }
  assert.equal((await compact(store)).files, 1)
  assert.deepEqual((await ask(store, 'select count(*) from trials')).rows, [[10]])
})
