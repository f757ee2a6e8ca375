/** Asks a store in SQL. What is asked cannot write anything, nor read anything else. */
import { realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toUSVString } from 'node:util'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { errorCode, errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import { fileError } from '../../base/system-errors.ts'
import { counted } from '../../base/units.ts'
import { catalogueOf, mergeNew, newFiles, parquet } from './compact.ts'
import { type Database, literals, openDatabase, queryError } from './duckdb.ts'
import { storeFiles } from './folder.ts'
import { listRuns } from './list.ts'
import type { StoredRun } from './runs.ts'
import { identifier, literal, type Table, typeOf } from './tables.ts'

/** StatementType.SELECT of DuckDB: also WITH, VALUES, FROM, DESCRIBE, SUMMARIZE and SHOW. */
const SELECT = 1

export interface Answer {
  readonly columns: readonly string[]
  /** In pieces, as they come. */
  readonly rows: AsyncIterable<readonly (readonly unknown[])[]>
  /** About files of the store. */
  readonly notes: readonly string[]
}

/**
 * Opens the tables `trials`, `intervals` and `runs` of a store, and asks them.
 * @param use gets the answer, while the store is open
 * @throws UsageError when the query is wrong @throws SetupError when DuckDB is not there, or the machine is out of something
 */
export async function queryStore(
  store: string,
  sql: string,
  use: (answer: Answer) => Promise<void>,
  { signal, memory }: { readonly signal?: AbortSignal; readonly memory?: string } = {},
): Promise<void> {
  // Before it is looked for whether DuckDB is there.
  storeFiles(store)
  using database = await inTemporary(openDatabase(tmpdir(), signal, memory), signal)
  const known = catalogueOf(store)
  const { paths, problems } = await inTemporary(mergeNew(database, store, known, signal), signal)
  for (const [table, of] of paths) await database.run(await viewOf(database, table, of))
  await inTemporary(makeRuns(database, store, signal), signal)
  const readable = [...paths.values()].flat().map(each => realpathSync(each))
  // What does not fit in memory is spilled nevertheless.
  await database.run(
    `SET allowed_paths = ${literals([...readable, ...[...paths.values()].flat()])}; SET enable_external_access = false; SET lock_configuration = true`,
  )
  const fresh = newFiles(store, known).length
  const notes = problems.map(each => each.message)
  if (fresh > 0)
    notes.push(
      `${counted(fresh, 'file')} of ${store} ${fresh === 1 ? 'is' : 'are'} in no table yet; bench store compact ${store} makes queries faster`,
    )
  await ask(database, sql, answer => use({ ...answer, notes }), signal)
}

/** What is done in the folder for what is not kept. @throws UsageError, SetupError when nothing can be written there */
async function inTemporary<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    signal?.throwIfAborted()
    if (thrown instanceof UsageError || thrown instanceof SetupError || errorCode(thrown) === undefined)
      throw thrown
    throw fileError(`cannot write to ${tmpdir()}, the folder for temporary files`, thrown, {
      otherwise: 'name another one in TMPDIR',
    })
  }
}

/** All columns of the column table, in its order and with its types, whatever version wrote the files; then all others that any file has. */
async function viewOf(
  database: Database,
  { name, columns }: Table,
  paths: readonly string[],
): Promise<string> {
  const has = new Map<string, string>()
  if (paths.length > 0)
    for (const [column, type] of await database.rows(`DESCRIBE SELECT * FROM ${parquet(paths)}`))
      has.set(String(column), String(type))
  const known = columns.map(column => {
    const [own, type] = [identifier(column.name), typeOf(column)]
    const there = has.get(column.name)
    has.delete(column.name)
    if (there === type) return own
    return there === undefined ? `NULL::${type} AS ${own}` : `TRY_CAST(${own} AS ${type}) AS ${own}`
  })
  const from = paths.length > 0 ? `FROM ${parquet(paths)}` : 'WHERE false'
  return `CREATE VIEW ${name} AS SELECT ${[...known, ...[...has.keys()].map(identifier)].join(', ')} ${from}`
}

async function makeRuns(database: Database, store: string, signal?: AbortSignal): Promise<void> {
  const path = join(database.temporary, 'runs.json')
  const lines = (await listRuns(store, signal)).map(each => `${JSON.stringify(each, asInTables)}\n`)
  writeFileSync(path, lines.join(''))
  const columns = Object.entries(RUN_COLUMNS).map(([name, type]) => `${identifier(name)}: ${literal(type)}`)
  await database.run(
    `CREATE TABLE runs AS SELECT * FROM read_json(${literal(path)}, format = 'newline_delimited', columns = {${columns.join(', ')}})`,
  )
}

/** A text as the tables have it: DuckDB takes neither half a surrogate pair nor NUL. */
function asInTables(_: string, value: unknown): unknown {
  return typeof value === 'string' ? toUSVString(value).replaceAll('\0', '\ufffd') : value
}

const RUN_COLUMNS: Readonly<Record<keyof StoredRun, string>> = {
  run_id: 'VARCHAR',
  started_at: 'TIMESTAMP',
  host: 'VARCHAR',
  commit: 'VARCHAR',
  scenarios: 'VARCHAR[]',
  cases: 'BIGINT',
  rows: 'BIGINT',
  note: 'VARCHAR',
}

async function ask(
  { connection }: Database,
  sql: string,
  use: (answer: Omit<Answer, 'notes'>) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const asking = async <T>(work: () => Promise<T>) => {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (thrown) {
      signal?.throwIfAborted()
      throw queryError(thrown)
    }
  }
  const result = await asking(async () => {
    const statements = await extracted(connection, sql)
    if (statements.count !== 1) throw countError(sql, statements.count)
    const statement = await statements.prepare(0)
    if (statement.statementType !== SELECT)
      throw new UsageError(
        'a query is one SELECT, which changes nothing; use COPY and others on a copy of the files',
      )
    return statement.stream()
  })
  async function* rows() {
    for (;;) {
      const chunk = await asking(() => result.fetchChunk())
      if (!chunk || chunk.rowCount === 0) return
      yield chunk.getRows().map(row => row.map((value, at) => plain(value, types[at])))
    }
  }
  const types = result.columnTypes().map(String)
  await use({ columns: distinct(result.columnNames()), rows: rows() })
}

async function extracted(connection: DuckDBConnection, sql: string) {
  try {
    return await connection.extractStatements(sql)
  } catch (thrown) {
    // It says nothing else where there is no statement, but comments at most.
    if (errorMessage(thrown) !== 'Error in native callback') throw thrown
    throw new UsageError('the query is empty; write one, such as from runs', { cause: thrown })
  }
}

function countError(sql: string, count: number): UsageError {
  // DuckDB looks for the values by a statement before, which makes a type.
  const help = /\bpivot/i.test(sql)
    ? "; PIVOT needs its values: pivot trials on outcome in ('completed', 'failed') using count(*)"
    : ''
  return new UsageError(`a query is one SELECT, and this is ${counted(count, 'statement')}${help}`)
}

/** Names of columns, each once: `trials join runs` has some twice, and JSON would have the last of them. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map(name => {
    let own = name
    for (let number = 1; seen.has(own) || (own !== name && taken.has(own)); number++)
      own = `${name}_${number}`
    seen.add(own)
    return own
  })
}

/** A value as JSON and CSV have it; undefined where it is empty. What is no number, text or truth is as DuckDB writes it. */
function plain(value: DuckDBValue | undefined, type?: string): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value !== 'object') return Number.isNaN(value) ? undefined : value
  if (type === 'TIMESTAMP') return momentOf(String(value))
  if ('scale' in value) return Number(String(value))
  if ('items' in value) return value.items.map(each => plain(each))
  if (!('entries' in value)) return String(value)
  const entries = Array.isArray(value.entries)
    ? value.entries.map(({ key, value: of }) => [String(key), plain(of)])
    : Object.entries(value.entries).map(([key, of]) => [key, plain(of)])
  return Object.fromEntries(entries)
}

/** With milliseconds, as rows have them: moments as texts are in order of time only if they are equally long. */
function momentOf(text: string): string {
  const [seconds = '', fraction = ''] = text.replace(' ', 'T').split('.')
  return `${seconds}.${fraction.padEnd(3, '0')}Z`
}
