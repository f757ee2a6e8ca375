/** A store: its files, its tables, and what is asked of them. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { errorMessage, UsageError } from '../../../base/errors.ts'
import { catalogueOf, compact } from '../../../results/archive/compact.ts'
import { addFile, filesIn, makeStore, storeFiles, tablesIn } from '../../../results/archive/folder.ts'
import { listRuns } from '../../../results/archive/list.ts'
import { type Answer, queryStore } from '../../../results/archive/query.ts'
import { readRecords } from '../../../results/read/read.ts'
import { COLUMNS, type TrialRecord } from '../../../results/schema/columns.ts'
import { intervalsPath } from '../../../results/schema/intervals.ts'
import { manifestPath } from '../../../results/schema/manifest.ts'
import { CSV_DIALECTS, csvOf } from '../../../results/store/csv.ts'
import { encode } from '../../../results/store/formats.ts'
import { IntervalsFile } from '../../../results/store/intervals.ts'
import { encodeManifest } from '../../../results/store/json.ts'
import { runOf } from '../../support/history-samples.ts'
import { test } from '../../support/patient.ts'
import { rows as anyRows } from '../../support/result-arbitraries.ts'
import { changedCsv } from '../../support/result-files.ts'
import { intervalsOf, manifest, record, streamRuns } from '../../support/results-samples.ts'

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-store-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A store in a folder of its own, and a function that writes a file beside it and adds that. */
function emptyStore(context: TestContext) {
  const path = folder(context)
  const store = join(path, 'store')
  makeStore(store)
  const write = (name: string, text: string) => {
    writeFileSync(join(path, name), text)
    return join(path, name)
  }
  const add = (name: string, text: string) => addFile(store, write(name, text))
  return { path, store, write, add }
}

interface Asked extends Pick<Answer, 'columns' | 'notes'> {
  readonly rows: readonly (readonly unknown[])[]
}

async function ask(store: string, sql: string, options = {}): Promise<Asked> {
  let asked: Asked | undefined
  await queryStore(
    store,
    sql,
    async ({ columns, rows, notes }) => {
      const all = []
      for await (const piece of rows) all.push(...piece)
      asked = { columns, rows: all, notes }
    },
    options,
  )
  assert(asked)
  return asked
}

/** Rows as records are written, without empty values. */
async function recordsIn(store: string): Promise<readonly string[]> {
  const { columns, rows } = await ask(store, 'from trials')
  return rows
    .map(row => {
      const entries = columns.map((name, at) => [name, row[at]] as const)
      return JSON.stringify(
        Object.fromEntries(entries.filter(([, value]) => value !== undefined).map(comparable)),
      )
    })
    .sort()
}

/** DuckDB leaves zeros at the end of a fraction out. */
function comparable([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  return name === 'started_at' ? [name, new Date(String(value)).toISOString()] : [name, value]
}

async function recordsOf(paths: readonly string[]): Promise<readonly string[]> {
  const { records } = await readRecords(paths)
  return records
    .map(each => {
      const values = each as Readonly<Record<string, unknown>>
      const entries = COLUMNS.map(({ name, whenEmpty }) => [name, values[name] ?? whenEmpty] as const)
      return JSON.stringify(
        Object.fromEntries(entries.filter(([, value]) => value !== undefined).map(comparable)),
      )
    })
    .sort()
}

test('a file is in a store once, with what stands beside it, and is as it was', async context => {
  const { store, write, add } = emptyStore(context)
  const text = encode('csv', runOf(0))
  const first = await add('a.csv', text)
  assert.deepEqual([first.added, first.rows], [true, 10])
  assert.equal((await add('other name.csv', text)).added, false)
  assert.deepEqual(storeFiles(store), [first.path])
  assert.equal(readFileSync(first.path, 'utf8'), text)
  assert.equal(existsSync(manifestPath(first.path)), false)
  // What was not beside it then comes with it now.
  write(
    'a.run.json',
    encodeManifest({
      ...manifest('run --size 64k'),
      started_at: '2026-02-01T00:00:00.000Z',
      note: 'of a note',
    }),
  )
  assert.equal((await add('a.csv', text)).added, false)
  assert.match(readFileSync(manifestPath(first.path), 'utf8'), /of a note/)
  const [run] = await listRuns(store)
  assert.deepEqual(run, {
    run_id: '20260301T120000Z-ruaa',
    started_at: '2026-03-01T12:00:00.000Z',
    host: run?.host,
    commit: run?.commit,
    scenarios: ['custom'],
    cases: 2,
    rows: 10,
    note: 'of a note',
  })
  assert.deepEqual(
    readdirSync(filesIn(store)).filter(name => name.startsWith('.')),
    [],
  )
})

test('files that may only be read are added with what stands beside them', async context => {
  const { store, write } = emptyStore(context)
  const file = write('a.csv', encode('csv', runOf(0)))
  const beside = write('a.run.json', encodeManifest(manifest('run --size 64k')))
  for (const each of [file, beside]) chmodSync(each, 0o444)
  const { path } = await addFile(store, file)
  assert.equal(readFileSync(manifestPath(path), 'utf8'), readFileSync(beside, 'utf8'))
  assert.equal(statSync(manifestPath(path)).mode & 0o600, 0o600)
})

test('a store that another one is just making is one', context => {
  const path = folder(context)
  for (const name of ['files', 'runs', 'tables']) mkdirSync(join(path, name))
  makeStore(path)
  assert.deepEqual(storeFiles(path), [])
})

test('files of all formats, dialects and versions are one table, as our own reader reads them', async context => {
  const { store, add } = emptyStore(context)
  const dialects = CSV_DIALECTS.map(dialect => csvOf({ dialect }))
  const texts = [
    ['a.csv', encode('csv', runOf(0))],
    ['b.json', encode('json', runOf(1))],
    ['c.jsonl', encode('jsonl', runOf(2))],
    ...dialects.map((form, index) => {
      const rows = runOf(3 + index, 1, { variant: '=1+1; "a", b\n' })
      return [
        `${index}.csv`,
        form.header(undefined) + rows.map(each => form.row(each, 0)).join('') + form.footer([]),
      ]
    }),
    // An older version did not know a column, and a newer one knows more.
    ['old.csv', changedCsv(runOf(7), (rows, column) => rows.map(row => row.toSpliced(column('commit'), 1)))],
    [
      'new.csv',
      changedCsv(runOf(8), rows =>
        rows.map((row, at) => [...row, at === 0 ? 'of tomorrow' : `value ${at}`, at === 0 ? 'OS' : 'x']),
      ),
    ],
  ] as const
  for (const [name = '', text = ''] of texts) await add(name, text)
  const files = storeFiles(store)
  const expected = await recordsOf(files)
  const known = async () =>
    (await recordsIn(store)).map(each => {
      const { 'of tomorrow': _, ...rest } = JSON.parse(each)
      return JSON.stringify(rest)
    })
  assert.equal(expected.length, 80)
  assert.deepEqual((await known()).sort(), expected, 'before any table is made')
  assert.equal((await compact(store)).files, 8)
  assert.deepEqual((await known()).sort(), expected)
  const { rows, notes } = await ask(
    store,
    'select "of tomorrow" from trials where "of tomorrow" is not null order by all limit 2',
  )
  assert.deepEqual(rows, [['value 1'], ['value 10']])
  assert.deepEqual(notes, [])
})

test('any rows that can be written are in the tables as they are in the file', async context => {
  const { store, path } = emptyStore(context)
  await fc.assert(
    fc.asyncProperty(anyRows, async rows => {
      rmSync(store, { recursive: true })
      makeStore(store)
      const file = join(path, 'any.csv')
      writeFileSync(file, encode('csv', rows))
      await addFile(store, file)
      assert.deepEqual(await recordsIn(store), await recordsOf([file]))
    }),
    { numRuns: 10 },
  )
})

test('a row that several files have is there once, before and after tables are made of them', async context => {
  const { store, add } = emptyStore(context)
  const [a, b] = [runOf(0), runOf(1)]
  await add('begun.csv', encode('csv', a.slice(0, 6)))
  await compact(store)
  await add('ended.csv', encode('csv', a))
  await add('both.csv', encode('csv', [...b, ...a, ...b]))
  const counts = async () => (await ask(store, 'select count(*), count(distinct run_id) from trials')).rows
  assert.deepEqual(await counts(), [[20, 2]])
  assert.deepEqual((await compact(store)).files, 2)
  assert.deepEqual(await counts(), [[20, 2]])
  assert.deepEqual((await ask(store, 'select run_id, rows from runs order by 1')).rows, [
    [a[0]?.run_id, 10],
    [b[0]?.run_id, 10],
  ])
  assert.deepEqual(await compact(store), { files: 0, days: 2, problems: [] })
  assert.equal((await compact(store, { anew: true })).files, 3)
  assert.deepEqual(await counts(), [[20, 2]])
})

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

test('moments are in UTC, whatever the zone of the machine', async context => {
  const { store, add } = emptyStore(context)
  const started_at = new Date(Date.now() - 3_600_000).toISOString()
  await add('a.csv', encode('csv', [record({ started_at })]))
  const { TZ } = process.env
  context.after(() => {
    if (TZ === undefined) delete process.env['TZ']
    else process.env['TZ'] = TZ
  })
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    process.env['TZ'] = zone
    const sql =
      'select count(*) from trials where started_at between now() - interval 2 hour and now() - interval 30 minute'
    assert.deepEqual((await ask(store, sql)).rows, [[1]], zone)
  }
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

test('what cannot be added is said in a line, and leaves nothing', async context => {
  const { path, store, write, add } = emptyStore(context)
  const wrong = async (work: () => unknown, pattern: RegExp) => {
    await assert.rejects(
      async () => work(),
      (thrown: unknown) => {
        assert(thrown instanceof UsageError, errorMessage(thrown))
        assert.match(thrown.message, pattern)
        assert.doesNotMatch(thrown.message, /\n|\.tmp/)
        return true
      },
    )
  }
  await wrong(
    () => add('foreign.csv', 'x,y\n1,2\n'),
    /foreign\.csv is not added: .*no column that bench knows/,
  )
  await wrong(() => addFile(store, join(path, 'none.csv')), /cannot read .*none\.csv: it does not exist/)
  await wrong(
    () => makeStore(path),
    /is not a store, and has other files \(.*\); name a new or an empty folder$/,
  )
  await wrong(() => makeStore(write('file', '')), /it is not a folder; name a folder$/)
  await wrong(() => storeFiles(join(path, 'nowhere')), /it is not a store; make one with bench store add/)
  writeFileSync(join(store, 'bench-store.json'), '{"record":"store","store_version":99}')
  await wrong(() => storeFiles(store), /it has version 99, newer than this program’s 1$/)
  assert.deepEqual(readdirSync(filesIn(store)), [])
})

test('a query reads nothing else and changes nothing', async context => {
  const { path, store, write, add } = emptyStore(context)
  await add('a.csv', encode('csv', runOf(0)))
  await compact(store)
  const secret = write('secret.csv', 'a\n1\n')
  const tables = join(tablesIn(store), '*.parquet')
  const [[table] = []] = Object.values(catalogueOf(store).trials)
  const parquet = join(tablesIn(store), String(table))
  const before = readFileSync(parquet)
  for (const sql of [
    `from '${secret}'`,
    `from read_csv('${secret}')`,
    `select content from read_text('${secret}')`,
    `from glob('${path}/*')`,
    `from read_parquet('${tables}')`,
    `copy trials to '${join(path, 'out.csv')}'`,
    `copy (select 1) to '${parquet}'`,
    `explain analyze copy (select 1) to '${parquet}'`,
    `attach '${join(path, 'x.db')}'`,
    'set enable_external_access = true',
    'set lock_configuration = false',
    'install httpfs',
    'load httpfs',
    'drop view trials',
    'create table x as select 1',
    'select 1; select 2',
    '',
    'selec',
    'select nothing from trials',
  ])
    await assert.rejects(ask(store, sql), (thrown: unknown) => {
      assert(thrown instanceof UsageError, `${sql}: ${errorMessage(thrown)}`)
      assert.doesNotMatch(thrown.message, /\n/)
      return true
    })
  assert.deepEqual(readFileSync(parquet), before)
  assert.deepEqual(readdirSync(path).sort(), ['a.csv', 'secret.csv', 'store'])
  assert.deepEqual((await ask(store, 'select count(*) from trials')).rows, [[10]])
})

test('what does not fit in memory is spilled, and nothing stays of it', async context => {
  const { store, add } = emptyStore(context)
  await add('a.csv', encode('csv', runOf(0)))
  // Some 120 MB to sort.
  const sql =
    "select count(*) from (select md5(range::varchar) || repeat('x', 100) as a from range(900000) order by a offset 1)"
  const place = folder(context)
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = place
  context.after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  })
  assert.deepEqual((await ask(store, sql, { memory: '80MB' })).rows, [[899_999]])
  assert.deepEqual(readdirSync(place), [])
})

const ROWS: readonly TrialRecord[] = runOf(0)
test('each column of an answer has a name of its own', async context => {
  const { store } = emptyStore(context)
  const { columns } = await ask(store, 'select 1 as a, 2 as a, 3 as a_1, 4 as a, 5 as b')
  assert.deepEqual(columns, ['a', 'a_2', 'a_1', 'a_3', 'b'])
  const pivot = "pivot trials on transport in ('tcp', 'udp') using count(*)"
  assert(await ask(store, pivot))
})

test('values come as JSON and CSV have them', async context => {
  const { store, add } = emptyStore(context)
  await add('a.csv', encode('csv', ROWS))
  const sql =
    "select started_at, 1::hugeint, 9007199254740993, 1.5, null, true, [1, null], {'a': date '2026-01-02'}, map {'k': 1}, 'nan'::double from trials limit 1"
  const { rows } = await ask(store, sql)
  assert.deepEqual(rows, [
    [
      '2026-03-01T12:00:00Z',
      1,
      '9007199254740993',
      1.5,
      undefined,
      true,
      [1, undefined],
      { a: '2026-01-02' },
      { k: 1 },
      undefined,
    ],
  ])
})
