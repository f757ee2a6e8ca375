/** The files of a store: what is added, what of it is rows, and what is refused. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { errorMessage, UsageError } from '../../../base/errors.ts'
import { compact } from '../../../results/archive/compact.ts'
import { addFile, filesIn, makeStore, storeFiles } from '../../../results/archive/folder.ts'
import { listRuns } from '../../../results/archive/list.ts'
import { manifestPath } from '../../../results/schema/manifest.ts'
import { CSV_DIALECTS, csvOf } from '../../../results/store/csv.ts'
import { encode } from '../../../results/store/formats.ts'
import { encodeManifest } from '../../../results/store/json.ts'
import { runOf } from '../../support/history-samples.ts'
import { test } from '../../support/patient.ts'
import { rows as anyRows } from '../../support/result-arbitraries.ts'
import { changedCsv } from '../../support/result-files.ts'
import { manifest } from '../../support/results-samples.ts'
import { ask, emptyStore, folder, recordsIn, recordsOf } from '../../support/stores.ts'

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

test('a run that was resumed, whose command began after its first rows, has its note', async context => {
  const { store, write, add } = emptyStore(context)
  const started_at = '2026-03-01T18:00:00.000Z'
  write(
    'a.run.json',
    encodeManifest({ ...manifest('fleet run --resume b.csv'), started_at, note: 'resumed' }),
  )
  await add('a.csv', encode('csv', runOf(0)))
  assert.deepEqual(
    (await listRuns(store)).map(({ note }) => note),
    ['resumed'],
  )
})

test('a run has no note of another, if several files have both of them', async context => {
  const { store, write, add } = emptyStore(context)
  const started_at = '2026-03-01T00:00:00.000Z'
  for (const [name, count] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    write(`${name}.run.json`, encodeManifest({ ...manifest('run'), started_at, note: 'of the first' }))
    await add(`${name}.csv`, encode('csv', runOf(0).slice(0, count)))
    await add(`other-${name}.csv`, encode('csv', runOf(1).slice(0, count)))
  }
  assert.deepEqual(
    (await listRuns(store)).map(({ rows, note }) => [rows, note]),
    [
      [2, 'of the first'],
      [2, undefined],
    ],
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
