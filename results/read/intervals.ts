/** Reads the table of intervals that stands beside a file of results. Whatever is wrong with it is a line; the results do not need it. */
import { errorMessage } from '../../base/errors.ts'
import { counted, formatCount } from '../../base/units.ts'
import {
  INTERVAL_COLUMNS,
  type IntervalColumn,
  type IntervalRecord,
  intervalsPath,
} from '../schema/intervals.ts'
import { Unusable, type Value, valueOfText } from '../schema/value.ts'
import { CsvScanner, fieldText } from './csv-scanner.ts'
import { type Consumer, type FeedOptions, feed } from './feed.ts'
import { Tally } from './file-report.ts'

/** A longer row is not one of this table. */
const LONGEST_ROW_BYTES = 2 ** 16

/**
 * Hands on each row that can be used.
 * @param results path of the file of results, `-` for standard input, which has none beside it
 * @returns what is wrong with it, in one line that begins with its path; undefined if nothing is
 */
export async function readIntervals(
  results: string,
  onRow: (row: IntervalRecord) => void,
  options: FeedOptions = {},
): Promise<string | undefined> {
  if (results === '-') return undefined
  const path = intervalsPath(results)
  const reader = new IntervalsReader(onRow)
  try {
    await feed(path, reader, options)
  } catch (thrown) {
    if (options.signal?.aborted) throw thrown
    return `${errorMessage(thrown)}; without it there is no goodput over time`
  }
  return reader.problem && `${path}: ${reader.problem}`
}

interface Field {
  readonly column: (typeof INTERVAL_COLUMNS)[number]
  readonly index: number
}

class IntervalsReader implements Consumer {
  readonly #onRow: (row: IntervalRecord) => void
  readonly #scanner = new CsvScanner()
  readonly #tally = new Tally(() => false)
  #fields: readonly Field[] | undefined
  #width = 0
  #line = 1
  #useless: string | undefined

  constructor(onRow: (row: IntervalRecord) => void) {
    this.#onRow = onRow
  }

  get finished(): boolean {
    return this.#useless !== undefined
  }

  /** What is wrong with what was read. */
  get problem(): string | undefined {
    const { rows, skipped, first } = this.#tally
    if (this.#useless !== undefined) return this.#useless
    if (!this.#fields) return 'it is empty'
    return skipped > 0
      ? `${formatCount(skipped)} of ${counted(rows, 'interval')} left out; the first, ${first}`
      : undefined
  }

  take(bytes: Buffer, last: boolean): number {
    let at = 0
    while (at < bytes.length && !this.finished) {
      const next = this.#scanner.next(bytes, at, bytes.length, last)
      if (next < 0) {
        if (last || bytes.length - at > LONGEST_ROW_BYTES) return this.#giveUp(bytes)
        break
      }
      this.#row(bytes)
      this.#line += this.#scanner.lines
      at = next
    }
    return at
  }

  #giveUp(bytes: Buffer): number {
    if (this.#fields) this.#tally.skip(this.#line, 'it has no end')
    else this.#useless = NOT_INTERVALS
    return bytes.length
  }

  #row(bytes: Buffer): void {
    const { bounds, fields, ending } = this.#scanner
    const text = (index: number) => fieldText(bytes, (bounds[index] ?? 0) + 1, bounds[index + 1] ?? 0)
    if (!this.#fields) this.#header(Array.from({ length: fields }, (_, index) => text(index)))
    else if (fields !== this.#width || ending === 'none')
      this.#tally.skip(
        this.#line,
        ending === 'none' ? 'it is cut off' : `${counted(fields, 'field')} under ${this.#width} columns`,
      )
    else this.#data(this.#fields, text)
  }

  #header(names: readonly string[]): void {
    this.#width = names.length
    this.#fields = INTERVAL_COLUMNS.flatMap(column => {
      const index = names.indexOf(column.name)
      return index < 0 ? [] : [{ column, index }]
    })
    if (INTERVAL_COLUMNS.some(({ name, required }) => required && !names.includes(name)))
      this.#useless = NOT_INTERVALS
  }

  #data(fields: readonly Field[], text: (index: number) => string): void {
    const row: { [Name in IntervalColumn]?: Value } = {}
    for (const { column, index } of fields) {
      const value = valueOfText(column, text(index))
      const reason =
        value instanceof Unusable ? value.reason : value === undefined && column.required && 'it is empty'
      if (reason) {
        this.#tally.skip(this.#line, `column ${column.name}: ${reason}`)
        return
      }
      if (!(value instanceof Unusable)) row[column.name] = value
    }
    this.#tally.rows++
    // Each value was checked by its column.
    this.#onRow(row as IntervalRecord)
  }
}

const NOT_INTERVALS = 'it is not a table of intervals; without one there is no goodput over time'
