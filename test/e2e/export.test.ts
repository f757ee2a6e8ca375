/** Rows in a real PostgreSQL. */
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { monotonic } from '../../base/clock.ts'
import { COLUMNS } from '../../results/schema/columns.ts'
import { csvOf } from '../../results/store/csv.ts'
import { encode } from '../../results/store/formats.ts'
import { runOf } from '../support/history-samples.ts'
import { test } from '../support/patient.ts'
import { Postgres, withoutPostgres } from '../support/postgres.ts'
import { record } from '../support/results-samples.ts'
import { assertOneLine, bench, benchProcess, folder, startBench } from './cli.ts'

describe('bench export', { skip: withoutPostgres() }, () => {
  let postgres: Postgres
  before(async () => {
    postgres = await Postgres.start()
  })
  after(async () => postgres?.stop())
  const withPassword = () => ({ PGPASSWORD: postgres.password })

  test('each row is there once, however often it is exported, with types and comments', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'a.csv'), encode('csv', runOf(0)))
    writeFileSync(join(cwd, 'b.jsonl'), encode('jsonl', [...runOf(0), ...runOf(1)]))
    const env = withPassword()
    const first = await benchProcess(['export', postgres.url, 'a.csv'], { cwd, env })
    assert.equal(first.stdout, '10 rows added to trials\n', first.stderr)
    const second = await benchProcess(['export', postgres.url, 'a.csv', 'b.jsonl'], { cwd, env })
    assert.equal(second.stdout, '10 rows added to trials; 20 were there already\n', second.stderr)
    const sql =
      'select count(*), count(distinct run_id), min(started_at at time zone $$UTC$$), pg_typeof(min(goodput_bps)), pg_typeof(max(trial)) from trials'
    assert.equal(postgres.ask(sql), '20|2|2026-03-01 12:00:00|double precision|bigint')
    const described = postgres.ask(
      "select count(col_description('trials'::regclass, attnum)) from pg_attribute where attrelid = 'trials'::regclass and attnum > 0",
    )
    assert.equal(described, String(COLUMNS.length + 1))
    const meaning = postgres.ask(
      "select col_description('trials'::regclass, attnum) from pg_attribute where attrelid = 'trials'::regclass and attname = 'rate_bps'",
    )
    assert.match(meaning, /^Requested pacing of the payload .* Unit: bit\/s\.$/)
  })

  test('a store, chosen rows, and texts of any characters, as they are', async context => {
    const cwd = folder(context)
    const odd = 'tab\t back\\slash \\. \\N new\nline\r "quote" \u{1f600} =1+1'
    const rows = [
      record({ trial: 1, variant: odd, scenario: '\\.' }),
      record({ trial: 2, variant: 'b\u0000' }),
      record({ trial: 3, transport: 'udp-header' }),
    ]
    const form = csvOf({ dialect: 'excel-eu' })
    writeFileSync(join(cwd, 'odd.csv'), form.header(undefined) + rows.map(each => form.row(each, 0)).join(''))
    const added = await bench(['store', 'add', 'kept', 'odd.csv'], { cwd })
    assert.equal(added.code, 0, added.stderr)
    const words = ['export', postgres.urlWithPassword, 'kept', '--table', 'Odd', '--filter', 'transport=tcp']
    // Whatever the encoding of this user is, ours is UTF-8.
    const ended = await benchProcess(words, { cwd, env: { PGCLIENTENCODING: 'LATIN1' } })
    assert.equal(ended.stdout, '2 rows added to Odd\n', ended.stderr)
    assert.equal(postgres.ask('select variant from "Odd" where trial = 1'), odd)
    assert.equal(postgres.ask('select variant from "Odd" where trial = 2'), 'b\ufffd')
    assert.equal(
      postgres.ask('select scenario, goodput_bps is null from "Odd" where trial = 1').split('|')[0],
      '\\.',
    )
  })

  test('a table of an older version gets the columns that it lacks; of one that is not ours nothing is lost', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'a.csv'), encode('csv', runOf(0)))
    const into = (table: string) =>
      benchProcess(['export', postgres.url, 'a.csv', '--table', table], { cwd, env: withPassword() })
    await into('older')
    postgres.ask('alter table older drop column goodput_bps, drop column host')
    writeFileSync(join(cwd, 'a.csv'), encode('csv', [...runOf(0), ...runOf(1)]))
    assert.equal((await into('older')).stdout, '10 rows added to older; 10 were there already\n')
    assert.equal(postgres.ask('select count(goodput_bps) from older'), '10')
    postgres.ask('create table foreign_one (a int); insert into foreign_one values (1)')
    const refused = await into('foreign_one')
    assert.equal(refused.code, 1)
    assertOneLine(refused, 'the database takes no rows: ERROR:', 'row_key', 'nothing was added')
    assert.equal(postgres.ask('select * from foreign_one'), '1')
  })

  test('a table may have any name that --table takes', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'a.csv'), encode('csv', runOf(0)))
    for (const table of ['bench_export', 'select', 'A$b', `t${'x'.repeat(62)}`]) {
      const words = ['export', postgres.url, 'a.csv', '--table', table]
      const ended = await benchProcess(words, { cwd, env: withPassword() })
      assert.equal(ended.stdout, `10 rows added to ${table}\n`, ended.stderr)
      assert.equal(postgres.ask(`select count(*) from "${table}"`), '10')
    }
  })

  test('two exports at once add each row once', async context => {
    const cwd = folder(context)
    const rows = Array.from({ length: 20 }, (_, index) => runOf(index)).flat()
    writeFileSync(join(cwd, 'a.csv'), encode('csv', rows))
    const words = ['export', postgres.url, 'a.csv', '--table', 'at_once']
    const ended = await Promise.all([1, 2, 3].map(() => benchProcess(words, { cwd, env: withPassword() })))
    assert.deepEqual(
      ended.map(each => [each.code, each.stderr]),
      [
        [0, ''],
        [0, ''],
        [0, ''],
      ],
    )
    assert.equal(postgres.ask('select count(*) from at_once'), '200')
  })

  test('the password is that of libpq, and never printed; what is wrong is one line', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'a.csv'), encode('csv', runOf(0)))
    writeFileSync(join(cwd, 'empty.csv'), '')
    const escaped = postgres.password.replaceAll(/[\\:]/g, each => `\\${each}`)
    writeFileSync(join(cwd, 'pgpass'), `*:*:*:*:${escaped}\n`)
    chmodSync(join(cwd, 'pgpass'), 0o600)
    const by = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      benchProcess(['export', ...words], { cwd, env })
    const kept = await by([postgres.url, 'a.csv', '--table', 'by_file'], { PGPASSFILE: join(cwd, 'pgpass') })
    assert.equal(kept.stdout, '10 rows added to by_file\n', kept.stderr)
    const wrong = postgres.url.replace('@', ':not-this-one@')
    const cases = [
      [[wrong, 'a.csv'], 1, 'password authentication failed'],
      [[postgres.url, 'a.csv'], 1, 'no password supplied'],
      [['postgres://bench@%2Fnowhere/x', 'a.csv'], 1, 'the database takes no rows'],
      [[postgres.urlWithPassword, 'none.csv'], 2, 'cannot read none.csv'],
      [[postgres.urlWithPassword, 'empty.csv'], 2, 'no row can be exported'],
      [[postgres.urlWithPassword], 2, 'name files, or a store'],
      [[postgres.urlWithPassword, 'a.csv', '--table', 'x"y'], 2, '--table'],
      [[`${postgres.url}?password=geheim`, 'a.csv'], 2, 'PGPASSWORD'],
      [['mysql://me:geheim@host/x', 'a.csv'], 2, 'postgres://'],
      [['postgres://me:ge@heim@host/x', 'a.csv'], 2, 'percent-encode'],
    ] as const
    for (const [words, code, part] of cases) {
      const ended = await by(words)
      assert.equal(ended.code, code, ended.stderr)
      assertOneLine(ended, part)
      const said = ended.stdout + ended.stderr
      for (const secret of [
        postgres.password,
        encodeURIComponent(postgres.password),
        'not-this-one',
        'geheim',
      ])
        assert(!said.includes(secret), said)
    }
    const missing = await by([postgres.url, 'a.csv'], { PATH: cwd })
    assert.equal(missing.code, 1)
    assertOneLine(missing, 'cannot start psql', 'postgresql-client')
  })

  test('Ctrl-C leaves nothing in the table', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'a.csv'), encode('csv', runOf(0)))
    const words = ['export', postgres.urlWithPassword, '-', '--table', 'broken_off']
    await using exporting = startBench(words, {
      cwd,
      input: readFileSync(join(cwd, 'a.csv'), 'utf8'),
      inputStaysOpen: true,
    })
    const isUnderWay = () =>
      postgres.ask("select count(*) from pg_stat_activity where query like 'COPY%' and state = 'active'") ===
      '1'
    await exporting.until('copying', () => isUnderWay())
    exporting.kill('SIGINT')
    const { code, stderr } = await exporting.over()
    assert.deepEqual([code, stderr], [130, 'interrupted before any row was there\n'])
    const until = monotonic() + 60_000
    while (isUnderWay()) assert(monotonic() < until)
    assert.equal(postgres.ask("select to_regclass('broken_off') is null"), 't')
  })
})
