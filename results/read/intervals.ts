/** Reads the table of intervals that stands beside a file of results. Whatever is wrong with it is a line; the results do not need it. */
import { errorMessage } from '../../base/errors.ts'
import { counted, formatCount } from '../../base/units.ts'
import { shorten } from '../schema/cells.ts'
import {
  INTERVAL_COLUMNS,
  type IntervalColumn,
  type IntervalRecord,
  intervalsPath,
} from '../schema/intervals.ts'
import { Unusable, type Value, valueOfText } from '../schema/value.ts'
import { CsvReader, type CsvTable } from './csv-reader.ts'
import { fieldText } from './csv-scanner.ts'
import { type FeedOptions, feed } from './feed.ts'
import { Tally } from './file-report.ts'

export interface IntervalsOptions extends FeedOptions {
  /** Rows of other runs are left out; absent for those of any. */
  readonly runs?: ReadonlySet<string>
}

/**
 * Hands on each row that can be used.
 * @param results path of the file of results, `-` for standard input, which has none beside it
 * @returns what is wrong with it, in one line that begins with its path; undefined if nothing is
 */
export async function readIntervals(
  results: string,
  onRow: (row: IntervalRecord) => void,
  options: IntervalsOptions = {},
): Promise<string | undefined> {
  if (results === '-') return undefined
  const path = intervalsPath(results)
  const tally = new Tally(() => false)
  const check = new Check(options.runs)
  let table: IntervalsTable | undefined
  const reader = new CsvReader({
    tally,
    tableOf(names, mark) {
      table = new IntervalsTable(names, check, mark)
      return table
    },
    onRow: () => table && onRow(table.row),
  })
  try {
    await feed(path, reader, options)
  } catch (thrown) {
    if (options.signal?.aborted) throw thrown
    return `${errorMessage(thrown)}; without it there is no goodput over time`
  }
  const problem = problemOf(table, tally)
  return problem && `${path}: ${problem}`
}

function problemOf(table: CsvTable | undefined, { rows, skipped, first }: Tally): string | undefined {
  if (!table) return rows === 0 ? 'it is empty' : NOT_INTERVALS
  if (table.useless !== undefined || skipped === 0) return table.useless
  return `${formatCount(skipped)} of ${counted(rows, 'interval')} left out; the first, ${first}`
}

class IntervalsTable implements CsvTable {
  readonly width: number
  readonly numberIsLast = true
  readonly useless: string | undefined
  /** The row that was set last. */
  row: IntervalRecord = {}
  readonly #names: readonly string[]
  readonly #check: Check

  readonly #mark: '.' | ','

  constructor(names: readonly string[], check: Check, mark: '.' | ',') {
    this.#check = check
    this.#mark = mark
    // A spreadsheet may have put a byte order mark before the first.
    this.#names = names.map(name => name.replace(/^\ufeff/, ''))
    this.width = names.length
    const isMissing = INTERVAL_COLUMNS.some(({ name, required }) => required && !this.#names.includes(name))
    this.useless = isMissing ? NOT_INTERVALS : undefined
  }

  set(bytes: Buffer, bounds: Int32Array): string | undefined {
    const row: { [Name in IntervalColumn]?: Value } = {}
    for (const column of INTERVAL_COLUMNS) {
      const index = this.#names.indexOf(column.name)
      if (index < 0) continue
      const text = fieldText(bytes, (bounds[index] ?? 0) + 1, bounds[index + 1] ?? 0)
      const value = valueOfText(column, text, this.#mark)
      if (value instanceof Unusable) return `column ${column.name}: ${value.reason}`
      if (value === undefined && column.required) return `column ${column.name}: it is empty`
      row[column.name] = value
    }
    // Each value was checked by its column.
    this.row = row as IntervalRecord
    return this.#check.reasonAgainst(this.row)
  }
}

/** What a row may not be beside the others. */
class Check {
  readonly #runs: ReadonlySet<string> | undefined
  readonly #flows = new Map<string, Numbers>()

  constructor(runs: ReadonlySet<string> | undefined) {
    this.#runs = runs
  }

  /** Why it cannot be used; undefined if it can. */
  reasonAgainst({
    run_id = '',
    trial,
    direction,
    flow,
    interval = 0,
    from_ms = 0,
    to_ms = 0,
  }: IntervalRecord) {
    if (from_ms > to_ms) return `it begins at ${from_ms} ms and ends at ${to_ms} ms`
    if (this.#runs && !this.#runs.has(run_id))
      return `no trial that was read is of its run, ${shorten(run_id)}`
    const key = `${run_id} ${trial} ${direction} ${flow}`
    const numbers = this.#flows.get(key) ?? new Numbers()
    this.#flows.set(key, numbers)
    return numbers.add(interval) ? undefined : `interval ${interval} of its flow was read before`
  }
}

/** Whole numbers from 1, each once; as they mostly come in order, they take next to no memory. */
class Numbers {
  #next = 1
  readonly #ahead = new Set<number>()

  /** False if it was there before. */
  add(number: number): boolean {
    if (number < this.#next || this.#ahead.has(number)) return false
    this.#ahead.add(number)
    while (this.#ahead.delete(this.#next)) this.#next++
    return true
  }
}

const NOT_INTERVALS = 'it is not a table of intervals; without one there is no goodput over time'
