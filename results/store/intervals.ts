/** Writes the table of intervals beside a file of results. */
import { closeSync, ftruncateSync, lstatSync, rmSync } from 'node:fs'
import { INTERVAL_COLUMNS, type IntervalRecord, intervalsPath } from '../schema/intervals.ts'
import { manifestPath } from '../schema/manifest.ts'
import { roundedTo } from '../schema/record.ts'
import { csvLine } from './csv.ts'
import { type OpenOptions, openBeside, writeWhole } from './open-file.ts'
import { type FileSink, writeError } from './writers.ts'

const HEADER = csvLine(INTERVAL_COLUMNS.map(({ name }) => name))

/**
 * The table of intervals of results that go to a file, which has just been made; undefined where they go to a device or pipe.
 * @throws UsageError, SetupError as `openFile`; then nothing is left of the file of results
 */
export function openIntervals(results: FileSink, options: OpenOptions): IntervalsFile | undefined {
  const { path } = results
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  try {
    return new IntervalsFile(path, options)
  } catch (thrown) {
    // It is closed at once.
    void results.end()
    for (const each of [path, manifestPath(path)]) rmSync(each, { force: true })
    throw thrown
  }
}

export class IntervalsFile implements Disposable {
  readonly path: string
  readonly #descriptor: number
  #open = true
  #bytes = 0

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
    const bytes = Buffer.from(text)
    try {
      writeWhole(this.#descriptor, bytes)
      this.#bytes += bytes.length
    } catch (thrown) {
      // A part of a row must not stay.
      ftruncateSync(this.#descriptor, this.#bytes)
      throw writeError(this.path, thrown, 'the intervals before it are kept')
    }
  }
}
