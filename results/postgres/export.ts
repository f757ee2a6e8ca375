/**
 * Rows into a table of PostgreSQL, by COPY through psql: connections, passwords (PGPASSWORD, .pgpass, services) and TLS are those of libpq.
 * One transaction; each row has a key of what tells it apart, so one that is there already stays as it is.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { errorCode, SetupError, UsageError } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { RowFields } from '../archive/tables.ts'
import { type FileProblem, readRows } from '../read/read.ts'
import type { Row } from '../read/row.ts'
import { CELL_FIELDS, isUsual } from '../schema/cells.ts'
import type { ColumnFacts } from '../schema/columns/column.ts'
import { COLUMNS } from '../schema/columns.ts'
import type { Value } from '../schema/value.ts'
import type { Selector } from '../select/selector.ts'
import { addressOf } from './address.ts'

export interface ExportOptions {
  readonly table: string
  readonly filter?: Selector | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Exported {
  /** Rows that were sent, and how many of them are new in the table. */
  readonly rows: number
  readonly added: number
  readonly problems: readonly FileProblem[]
}

/**
 * @param url `postgres://[user[:password]@][host][:port][/database]`
 * @throws UsageError when a file cannot be read, or the URL is wrong @throws SetupError when psql is not there, or the server refuses
 */
export async function exportRows(
  url: string,
  files: readonly string[],
  { table, filter, signal }: ExportOptions,
): Promise<Exported> {
  const { address, password } = addressOf(url)
  const words = ['--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--set=ON_ERROR_STOP=1', address]
  const env = { ...process.env, ...(password === undefined ? {} : { PGPASSWORD: password }) }
  // It asks nobody for a password.
  const psql = spawn('psql', ['--no-password', ...words], { env, stdio: 'pipe' })
  const said = { out: '', err: '' }
  psql.stdout.setEncoding('utf8').on('data', text => (said.out += text))
  psql.stderr.setEncoding('utf8').on('data', text => (said.err += text))
  // Why it has gone is what it says itself.
  psql.stdin.on('error', () => {})
  const over = new Promise<number | null>((resolve, reject) => {
    psql.once('error', thrown => reject(startError(thrown)))
    psql.once('close', resolve)
  })
  over.catch(() => {})
  const stop = () => void psql.kill()
  signal?.addEventListener('abort', stop)
  try {
    const sent = await send(psql.stdin, over, files, { table, filter, signal })
    const code = await over
    signal?.throwIfAborted()
    if (code !== 0 || sent === undefined) throw refusal(said.err, password)
    return { ...sent, added: Number(said.out.trim()) }
  } catch (thrown) {
    // Without COMMIT nothing is there.
    psql.kill()
    await over.catch(() => {})
    throw thrown
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** Undefined if psql ended before it had everything. */
async function send(
  to: NodeJS.WritableStream,
  over: Promise<unknown>,
  files: readonly string[],
  { table, filter, signal }: ExportOptions,
): Promise<Omit<Exported, 'added'> | undefined> {
  let block: string[] = []
  let rows = 0
  const gone = new AbortController()
  const leave = () => gone.abort()
  over.then(leave, leave)
  const fields = new RowFields(copyField)
  const flush = async () => {
    const text = block.join('')
    block = []
    if (gone.signal.aborted || text === '' || to.write(text)) return
    // Why it takes no more is what it says itself.
    await Promise.race([once(to, 'drain').catch(() => {}), over])
  }
  const onRow = (row: Row) => {
    rows++
    block.push(`${keyOf(row)}\t${fields.of(row).join('\t')}\n`)
  }
  to.write(begin(table))
  let problems: readonly FileProblem[]
  try {
    const either = AbortSignal.any([gone.signal, ...(signal ? [signal] : [])])
    ;({ problems } = await readRows(files, onRow, { filter, between: flush, signal: either }))
  } catch (thrown) {
    if (gone.signal.aborted) return undefined
    throw thrown
  }
  if (rows === 0)
    throw new UsageError(`no row can be exported; ${problems.map(({ message }) => message).join('; ')}`)
  await flush()
  to.end(end(table))
  return { rows, problems }
}

/**
 * What tells rows apart, as readers of files do it, in 128 bits. Only what was asked for is in it, by name, so that it is the same after
 * a version with more columns of a case.
 */
export function keyOf(row: Row): string {
  const cell = row.cell(row.codes)
  const [run, round, trial] = [row.value('run_id'), row.value('round'), row.value('trial')]
  const asked = CELL_FIELDS.filter(field => !isUsual(cell, field)).sort()
  const fields = asked.map(field => [field, cell[field]])
  const key = JSON.stringify([run, round, trial, row.value('flow') ?? 1, fields])
  return createHash('sha256').update(key).digest('hex').slice(0, 32)
}

const KEY = 'row_key'
/** Rows go here first; no table that `--table` can name. */
const STAGED = '"bench export"'

/** Makes the table, adds the columns that it lacks, and begins to copy. */
function begin(table: string): string {
  const name = identifier(table)
  const names = COLUMNS.map(column => text(column.name)).join(', ')
  const columns = COLUMNS.map(column => `${identifier(column.name)} ${typeOf(column)}`)
  const comments = COLUMNS.map(
    column =>
      `COMMENT ON COLUMN ${name}.${identifier(column.name)} IS ${text(column.unit ? `${column.meaning} Unit: ${column.unit}.` : column.meaning)};\n`,
  )
  return `BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL client_encoding = 'UTF8';
SELECT pg_advisory_xact_lock(hashtext('tcp-udp-bench ' || ${text(table)})) AS locked \\gset
SELECT count(*) < ${COLUMNS.length} AS lacks FROM pg_attribute WHERE attrelid = to_regclass(${text(name)}) AND NOT attisdropped AND attname IN (${names}) \\gset
\\if :lacks
CREATE TABLE IF NOT EXISTS ${name} (${KEY} uuid PRIMARY KEY, ${columns.join(', ')});
ALTER TABLE ${name} ${columns.map(column => `ADD COLUMN IF NOT EXISTS ${column}`).join(', ')};
COMMENT ON COLUMN ${name}.${KEY} IS 'Digest of what tells the row apart: run, round, trial, flow and case.';
${comments.join('')}\\endif
CREATE TEMPORARY TABLE ${STAGED} (${KEY} uuid, ${columns.join(', ')}) ON COMMIT DROP;
COPY ${STAGED} FROM STDIN;
`
}

function end(table: string): string {
  const columns = [KEY, ...COLUMNS.map(({ name }) => name)].map(identifier).join(', ')
  return `\\.
WITH added AS (INSERT INTO ${identifier(table)} (${columns}) SELECT ${columns} FROM ${STAGED} ON CONFLICT (${KEY}) DO NOTHING RETURNING 1) SELECT count(*) FROM added;
COMMIT;
`
}

function typeOf({ type, format }: ColumnFacts): string {
  if (format === 'moment') return 'timestamptz'
  return { string: 'text', integer: 'bigint', number: 'double precision', boolean: 'boolean' }[type]
}

/** As COPY has it (its text format). A text of PostgreSQL has no NUL. */
function copyField(value: Value): string {
  if (value === undefined) return '\\N'
  if (typeof value !== 'string') return String(value)
  return value.replaceAll('\0', '\ufffd').replaceAll(/[\\\b\f\n\r\t\v]/g, each => ESCAPED[each] ?? each)
}

const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`
const text = (value: string) => `'${value.replaceAll("'", "''")}'`

function startError(thrown: unknown): SetupError {
  const why = errorCode(thrown) === 'ENOENT' ? 'it is not installed' : String(errorCode(thrown))
  return new SetupError(
    `cannot start psql: ${why}; install the client of PostgreSQL (Debian: apt-get install postgresql-client)`,
    { cause: thrown },
  )
}

/** psql says which line of its input is wrong, which nobody has seen. */
function refusal(said: string, password: string | undefined): SetupError {
  const lines = said
    .split('\n')
    .map(line => line.replace(/^psql:(?:<stdin>:\d+:)? ?/, '').trim())
    .filter(line => line !== '' && !/^(?:LINE|CONTEXT)/.test(line))
  const text = lines.slice(0, 3).join(' ')
  const hidden = password ? text.replaceAll(password, '…') : text
  return new SetupError(`the database takes no rows: ${harmless(hidden)}; nothing was added`)
}
