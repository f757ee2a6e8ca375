/** Writes the table of intervals beside a file of results. */
import { closeSync } from 'node:fs'
import { INTERVAL_COLUMNS, type IntervalRecord, intervalsPath } from '../schema/intervals.ts'
import { roundedTo } from '../schema/record.ts'
import { csvLine } from './csv.ts'
import { type OpenOptions, openBeside, writeWhole } from './open-file.ts'
import { writeError } from './writers.ts'

const HEADER = csvLine(INTERVAL_COLUMNS.map(({ name }) => name))

export class IntervalsFile implements Disposable {
  readonly path: string
  readonly #descriptor: number
  #open = true

  /** @param results path of the file of results. @throws UsageError, SetupError as `openFile` */
  constructor(results: string, options: OpenOptions) {
    this.path = intervalsPath(results)
    this.#descriptor = openBeside(this.path, HEADER, options)
    this.#append(HEADER)
  }

  /** @throws SetupError when the row is not taken */
  write(row: IntervalRecord): void {
    const values = roundedTo(INTERVAL_COLUMNS, row)
    this.#append(csvLine(INTERVAL_COLUMNS.map(({ name }) => values[name])))
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.#descriptor)
    this.#open = false
  }

  #append(text: string): void {
    try {
      writeWhole(this.#descriptor, Buffer.from(text))
    } catch (thrown) {
      throw writeError(this.path, thrown, 'the intervals before it are kept')
    }
  }
}
