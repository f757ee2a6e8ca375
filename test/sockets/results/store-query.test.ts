/** What is asked of a store. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorMessage, UsageError } from '../../../base/errors.ts'
import { catalogueOf, compact } from '../../../results/archive/compact.ts'
import { tablesIn } from '../../../results/archive/folder.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { encode } from '../../../results/store/formats.ts'
import { runOf } from '../../support/history-samples.ts'
import { test } from '../../support/patient.ts'
import { record } from '../../support/results-samples.ts'
import { ask, emptyStore, folder } from '../../support/stores.ts'

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

test('each column of an answer has a name of its own', async context => {
  const { store } = emptyStore(context)
  const { columns } = await ask(store, 'select 1 as a, 2 as a, 3 as a_1, 4 as a, 5 as b')
  assert.deepEqual(columns, ['a', 'a_2', 'a_1', 'a_3', 'b'])
  const pivot = "pivot trials on transport in ('tcp', 'udp') using count(*)"
  assert(await ask(store, pivot))
})

const ROWS: readonly TrialRecord[] = runOf(0)
test('values come as JSON and CSV have them', async context => {
  const { store, add } = emptyStore(context)
  await add('a.csv', encode('csv', ROWS))
  const sql =
    "select started_at, 1::hugeint, 9007199254740993, 1.5, null, true, [1, null], {'a': date '2026-01-02'}, map {'k': 1}, 'nan'::double from trials limit 1"
  const { rows } = await ask(store, sql)
  assert.deepEqual(rows, [
    [
      '2026-03-01T12:00:00.000Z',
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

test('moments as texts are in the order of time', async context => {
  const { store, add } = emptyStore(context)
  const moments = ['12:00:00.000Z', '12:00:00.500Z', '12:00:00.510Z'].map(each => `2026-03-01T${each}`)
  const rows = moments.map((started_at, index) => record({ started_at, trial: index + 1 }))
  await add('a.csv', encode('csv', rows))
  const answer = await ask(store, 'select started_at from trials order by trial')
  assert.deepEqual(answer.rows.flat(), moments)
})
