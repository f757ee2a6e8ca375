/** Brings the rows of files into Parquet, by our own reader: what it reads is what every other command reads. */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { quoted } from '../../base/foreign-text.ts'
import { counted } from '../../base/units.ts'
import { readIntervals } from '../read/intervals.ts'
import { type FileProblem, readRows } from '../read/read.ts'
import type { Row } from '../read/row.ts'
import { type IntervalRecord, intervalsPath } from '../schema/intervals.ts'
import type { Value } from '../schema/value.ts'
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

/** So much text becomes one file of Parquet. */
const SEGMENT_BYTES = 128 * 2 ** 20
/** Hands so much to the system at once. */
const BLOCK_CHARACTERS = 2 ** 20
/** So many days are written at the same time. */
const MOST_OPEN = 32
/** Files may bring so many columns that the column table does not have. */
const MOST_OTHERS = 200
/** So many of those that are left out are named. */
const MOST_NAMED = 3

export interface Staged {
  /** Files of Parquet by the day (UTC) on which trials, and those of intervals, began; of each table. */
  readonly parts: ReadonlyMap<Table, ReadonlyMap<string, readonly string[]>>
  /** What is not in the tables, and why. */
  readonly problems: readonly FileProblem[]
}

/** @throws UsageError, SetupError as `readRows`; SetupError when the disk is full */
export async function stage(
  database: Database,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<Staged> {
  const trials = new Segments(database.temporary, TRIALS)
  const intervals = new Segments(database.temporary, INTERVALS)
  const fields = new RowFields(csvField)
  const parts = new Map<Table, Map<string, string[]>>(
    [trials, intervals].map(each => [each.table, new Map()]),
  )
  let converting = Promise.resolve()
  // The next rows are read meanwhile.
  const between = async () => {
    const full = [trials, intervals].flatMap(({ table, full }) =>
      full.splice(0).map(each => ({ table, ...each })),
    )
    if (full.length === 0) return
    await converting
    converting = (async () => {
      for (const segment of full) {
        const ofDay = parts.get(segment.table)
        ofDay?.set(segment.day, [...(ofDay.get(segment.day) ?? []), await convert(database, segment)])
      }
    })()
    // It is reported when it is waited for.
    converting.catch(() => {})
  }
  const options = { between, ...(signal ? { signal } : {}) }
  const problems: FileProblem[] = []
  try {
    for (const path of files) {
      /** Of streams, by trial: those of their intervals, whatever else of the run is in the file. */
      const days = new Map<string, string>()
      const runs = new Set<string>()
      const onRow = (row: Row) => {
        const day = row.startedAt().slice(0, 10)
        const run = String(row.value('run_id'))
        runs.add(run)
        if (row.value('size_bytes') === undefined) days.set(trialKey(run, row.value('trial')), day)
        trials.add(day, fields.of(row), row.others())
      }
      const read = await readRows([path], onRow, options)
      problems.push(...read.problems.filter(each => each.rowsSkipped > 0))
      if (trials.tooLong > 0)
        problems.push({
          ...{ path, rowsSkipped: trials.tooLong, rowsRead: 0 },
          message: `${path}: ${counted(trials.tooLong, 'row')} left out: too long for a table`,
        })
      trials.tooLong = 0
      if (trials.leftOut.size > 0) {
        const names = [...trials.leftOut].map(each => quoted(each)).join(', ')
        const message = `${path}: columns left out (${names}${trials.leftOut.size < MOST_NAMED ? '' : ' …'}); beside its own a table has up to ${MOST_OTHERS}, of names without control characters that differ in more than capitals`
        problems.push({ path, message, rowsSkipped: 0, rowsRead: 0 })
      }
      trials.leftOut.clear()
      if (days.size === 0 || !existsSync(intervalsPath(path))) continue
      const first = [...days.values()].sort()[0] ?? ''
      const dayOf = ({ run_id = '', trial }: IntervalRecord) => days.get(trialKey(run_id, trial)) ?? first
      const problem = await readIntervals(
        path,
        each => intervals.add(dayOf(each), intervalFields(each, csvField), NONE),
        { ...options, runs },
      )
      if (problem !== undefined) problems.push({ path, message: problem, rowsSkipped: 0, rowsRead: 0 })
    }
    for (const each of [trials, intervals]) each.closeAll()
    await between()
    await converting
    return { parts, problems }
  } finally {
    // What runs in a database has to end before that does.
    await converting.catch(() => {})
  }
}

const trialKey = (run: string, trial: Value) => `${trial} ${run}`

const NONE: ReadonlyMap<string, string> = new Map()

interface Segment {
  readonly day: string
  readonly path: string
  /** Names of other columns, behind those of the table. */
  readonly others: readonly string[]
}

/** Makes Parquet of a segment, and removes that. Returns its path. */
async function convert(
  database: Database,
  { table, path, others }: Segment & { readonly table: Table },
): Promise<string> {
  const types = [
    ...table.columns.map(column => `${literal(column.name)}: ${literal(typeOf(column))}`),
    ...others.map(name => `${literal(name)}: 'VARCHAR'`),
  ]
  const part = path.replace(/csv$/, 'parquet')
  const csv = `read_csv(${literal(path)}, columns = {${types.join(', ')}}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\\n')`
  await database.run(`COPY (SELECT * FROM ${csv}) TO ${literal(part)} (${PARQUET})`)
  rmSync(path)
  return part
}

/** The rows of a table as CSV, a file or more for each day. */
class Segments {
  readonly table: Table
  /** Those that are complete, and not taken yet. */
  readonly full: Segment[] = []
  /** Rows that were left out. */
  tooLong = 0
  /** Names of other columns that were left out: the first of them. */
  readonly leftOut = new Set<string>()
  readonly #folder: string
  /** Names of all columns, in small letters. */
  readonly #taken: Set<string>
  /** Names of other columns, with their places behind those of the table. */
  readonly #others = new Map<string, number>()
  readonly #open = new Map<string, OpenSegment>()
  #count = 0

  constructor(folder: string, table: Table) {
    this.#folder = folder
    this.table = table
    this.#taken = new Set(table.columns.map(({ name }) => name))
  }

  add(day: string, fields: readonly string[], others: ReadonlyMap<string, string>): void {
    const more = others.size > 0 ? this.#more(others) : []
    const empty = this.#others.size - more.length
    const line = `${fields.join(',')}${more.map(each => `,${each}`).join('')}${','.repeat(empty)}\n`
    if (line.length > LONGEST_LINE) {
      this.tooLong++
      return
    }
    const segment = this.#open.get(day) ?? this.#begin(day)
    segment.add(line)
    if (segment.bytes >= SEGMENT_BYTES) this.#close(segment)
  }

  closeAll(): void {
    for (const each of [...this.#open.values()]) this.#close(each)
  }

  #begin(day: string): OpenSegment {
    const [oldest] = this.#open.values()
    if (oldest && this.#open.size >= MOST_OPEN) this.#close(oldest)
    const path = join(this.#folder, `${this.table.name}-${this.#count++}.csv`)
    const segment = new OpenSegment(day, path, [...this.#others.keys()])
    this.#open.set(day, segment)
    return segment
  }

  #close(segment: OpenSegment): void {
    this.#open.delete(segment.day)
    segment.close()
    this.full.push(segment)
  }

  /** The values of other columns, as fields; a file has the same columns in all its lines. */
  #more(others: ReadonlyMap<string, string>): readonly string[] {
    for (const name of others.keys()) if (!this.#others.has(name)) this.#take(name)
    const fields: string[] = []
    for (const [name, place] of this.#others) fields[place] = csvField(others.get(name))
    return fields
  }

  /** Makes a column of it, if there can be one: DuckDB takes `OS` and `os` for the same, and no name that is empty. */
  #take(name: string): void {
    const small = name.toLowerCase()
    const isBad = name === '' || /\p{Cc}|\p{Cs}/u.test(name) || this.#taken.has(small)
    if (isBad || this.#others.size >= MOST_OTHERS) {
      if (this.leftOut.size < MOST_NAMED) this.leftOut.add(name)
      return
    }
    // All lines of a file have the same columns.
    this.closeAll()
    this.#taken.add(small)
    this.#others.set(name, this.#others.size)
  }
}

class OpenSegment implements Segment {
  readonly day: string
  readonly path: string
  readonly others: readonly string[]
  bytes = 0
  readonly #descriptor: number
  #block: string[] = []
  #characters = 0

  constructor(day: string, path: string, others: readonly string[]) {
    this.day = day
    this.path = path
    this.others = others
    this.#descriptor = openSync(path, 'wx')
  }

  add(line: string): void {
    this.#block.push(line)
    this.#characters += line.length
    if (this.#characters >= BLOCK_CHARACTERS) this.#write()
  }

  close(): void {
    this.#write()
    closeSync(this.#descriptor)
  }

  #write(): void {
    const bytes = Buffer.from(this.#block.join(''))
    writeWhole(this.#descriptor, bytes)
    this.bytes += bytes.length
    this.#block = []
    this.#characters = 0
  }
}

/** DuckDB takes lines of up to 2 MB; a character has up to 3 bytes here. */
const LONGEST_LINE = 600_000
/** Each thread that writes holds so many rows. */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 30720'
