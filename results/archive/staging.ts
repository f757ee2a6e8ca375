/** Brings the rows of files into Parquet, by our own reader: what it reads is what every other command reads. */
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { counted } from '../../base/units.ts'
import { readIntervals } from '../read/intervals.ts'
import { type FileProblem, readRows } from '../read/read.ts'
import type { Row } from '../read/row.ts'
import { writeWhole } from '../store/open-file.ts'
import type { Database } from './duckdb.ts'
import {
  csvField,
  INTERVALS,
  intervalFields,
  literal,
  RowFields,
  type Table,
  TRIALS,
  typeOf,
} from './tables.ts'

/** Where rows go is the day (UTC) on which their trial, or their run, began; before all other columns. */
export const DAY = 'bench_store_day'

/** So much text becomes one file of Parquet. */
const SEGMENT_BYTES = 128 * 2 ** 20
/** Hands so much to the system at once. */
const BLOCK_CHARACTERS = 2 ** 20
/** Files may bring so many columns that the column table does not have. */
const MOST_OTHERS = 200

export interface Staged {
  /** Files of Parquet by table. */
  readonly parts: ReadonlyMap<Table, readonly string[]>
  readonly problems: readonly FileProblem[]
}

/** @throws UsageError, SetupError as `readRows`; SetupError when the disk is full */
export async function stage(
  database: Database,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<Staged> {
  const trials = new Segments(database, TRIALS)
  const intervals = new Segments(database, INTERVALS)
  const fields = new RowFields(csvField)
  const between = async () => {
    await trials.convert()
    await intervals.convert()
  }
  const options = { between, ...(signal ? { signal } : {}) }
  const problems: FileProblem[] = []
  for (const path of files) {
    /** By run: those of its intervals. */
    const days = new Map<string, string>()
    let hasStreams = false
    const onRow = (row: Row) => {
      const day = row.startedAt().slice(0, 10)
      const run = String(row.value('run_id'))
      if (day < (days.get(run) ?? '~')) days.set(run, day)
      hasStreams ||= row.value('size_bytes') === undefined
      trials.add(day, fields.of(row), row.others())
    }
    const read = await readRows([path], onRow, options)
    problems.push(...read.problems)
    if (trials.tooLong > 0)
      problems.push({
        ...{ path, rowsSkipped: trials.tooLong, rowsRead: 0 },
        message: `${path}: ${counted(trials.tooLong, 'row')} left out: too long for a table`,
      })
    trials.tooLong = 0
    if (!hasStreams) continue
    const runs = new Set(days.keys())
    const problem = await readIntervals(
      path,
      each => intervals.add(days.get(each.run_id ?? '') ?? '', intervalFields(each, csvField), NONE),
      { ...options, runs },
    )
    if (problem !== undefined) problems.push({ path, message: problem, rowsSkipped: 0, rowsRead: 0 })
  }
  const parts = new Map<Table, readonly string[]>()
  for (const each of [trials, intervals]) parts.set(each.table, await each.end())
  return { parts, problems }
}

const NONE: ReadonlyMap<string, string> = new Map()

/** The rows of a table as CSV, a file for so many, each of which becomes Parquet. */
class Segments {
  readonly table: Table
  /** Rows that were left out. */
  tooLong = 0
  readonly #database: Database
  readonly #names: ReadonlySet<string>
  readonly #parts: string[] = []
  /** Names of other columns, with their places behind those of the table. */
  #others = new Map<string, number>()
  #block: string[] = []
  #characters = 0
  #bytes = 0
  #open: { readonly path: string; readonly descriptor: number } | undefined
  /** Complete, and not yet Parquet. */
  #full: { readonly path: string; readonly others: readonly string[] }[] = []
  #count = 0

  constructor(database: Database, table: Table) {
    this.#database = database
    this.table = table
    this.#names = new Set([DAY, ...table.columns.map(({ name }) => name)])
  }

  add(day: string, fields: readonly string[], others: ReadonlyMap<string, string>): void {
    const more = others.size > 0 ? this.#more(others) : []
    const empty = this.#others.size - more.length
    const line = `${day},${fields.join(',')}${more.map(each => `,${each}`).join('')}${','.repeat(empty)}\n`
    if (line.length > LONGEST_LINE) {
      this.tooLong++
      return
    }
    this.#block.push(line)
    this.#characters += line.length
    if (this.#characters >= BLOCK_CHARACTERS) this.#write()
    if (this.#bytes >= SEGMENT_BYTES) this.#close()
  }

  /** Makes Parquet of what is complete. */
  async convert(): Promise<void> {
    for (const { path, others } of this.#full.splice(0)) {
      const types = [
        `${literal(DAY)}: 'VARCHAR'`,
        ...this.table.columns.map(column => `${literal(column.name)}: ${literal(typeOf(column))}`),
        ...others.map(name => `${literal(name)}: 'VARCHAR'`),
      ]
      const part = path.replace(/csv$/, 'parquet')
      await this.#database.run(
        `COPY (SELECT * FROM read_csv(${literal(path)}, columns = {${types.join(', ')}}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\\n')) TO ${literal(part)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`,
      )
      rmSync(path)
      this.#parts.push(part)
    }
  }

  /** Returns all files of Parquet. */
  async end(): Promise<readonly string[]> {
    this.#close()
    await this.convert()
    return this.#parts
  }

  /** The values of other columns, as fields; a file has the same columns in all its lines. */
  #more(others: ReadonlyMap<string, string>): readonly string[] {
    const fresh = [...others.keys()].filter(name => !this.#others.has(name) && this.#isFree(name))
    if (fresh.length > 0) this.#close()
    for (const name of fresh) if (this.#others.size < MOST_OTHERS) this.#others.set(name, this.#others.size)
    const fields: string[] = []
    for (const [name, place] of this.#others) fields[place] = csvField(others.get(name))
    return fields
  }

  /** DuckDB takes `OS` and `os` for the same. */
  #isFree(name: string): boolean {
    const small = name.toLowerCase()
    return !this.#names.has(small) && ![...this.#others.keys()].some(each => each.toLowerCase() === small)
  }

  #write(): void {
    if (this.#block.length === 0) return
    if (!this.#open) {
      const path = join(this.#database.temporary, `${this.table.name}-${this.#count++}.csv`)
      this.#open = { path, descriptor: openSync(path, 'wx') }
    }
    const bytes = Buffer.from(this.#block.join(''))
    writeWhole(this.#open.descriptor, bytes)
    this.#bytes += bytes.length
    this.#block = []
    this.#characters = 0
  }

  #close(): void {
    this.#write()
    if (!this.#open) return
    closeSync(this.#open.descriptor)
    this.#full.push({ path: this.#open.path, others: [...this.#others.keys()] })
    this.#open = undefined
    this.#bytes = 0
  }
}

/** DuckDB takes lines of up to 2 MB; a character has up to 3 bytes here. */
const LONGEST_LINE = 600_000
/** Rows that are held at once for each thread that writes. */
export const ROW_GROUP = 30_720
