/** Writes the table of intervals beside a file of results. */
import { lstatSync, rmSync } from 'node:fs'
import { INTERVAL_COLUMNS, type IntervalRecord, intervalsPath } from '../schema/intervals.ts'
import { manifestPath } from '../schema/manifest.ts'
import { roundedTo } from '../schema/record.ts'
import { type CsvDialect, csvLine, csvMark } from './csv.ts'
import { openBeside } from './open-file.ts'
import { TextFile } from './text-file.ts'
import type { FileSink, WriteOptions } from './writers.ts'

const NAMES = INTERVAL_COLUMNS.map(({ name }) => name)

/**
 * The table of intervals of results that go to a file, which has just been made; undefined where they go to a device or pipe.
 * @throws UsageError, SetupError as `openFile`; then nothing is left of the file of results
 */
export function openIntervals(results: FileSink, options: WriteOptions): IntervalsFile | undefined {
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
  readonly #file: TextFile
  readonly #dialect: CsvDialect | undefined

  /** @param results path of the file of results. @throws UsageError, SetupError as `openFile` */
  constructor(results: string, options: WriteOptions) {
    this.path = intervalsPath(results)
    this.#dialect = options.dialect
    const header = csvMark(options.dialect) + csvLine(NAMES, options.dialect)
    this.#file = new TextFile(this.path, openBeside(this.path, header, options))
    this.#file.append(header)
  }

  /** @throws SetupError when the row is not taken */
  write(row: IntervalRecord): void {
    const values = roundedTo(INTERVAL_COLUMNS, row)
    const line = csvLine(
      NAMES.map(name => values[name]),
      this.#dialect,
    )
    this.#file.append(line, '', 'the intervals before it are kept')
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }
}
