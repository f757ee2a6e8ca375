/** Reads one file: finds out what it is, and hands its rows on. */
import { formatOf } from '../store/formats.ts'
import { CsvLayout, type Header, headerOf } from './csv-layout.ts'
import { CsvReader } from './csv-reader.ts'
import { type Consumer, type FeedOptions, feed } from './feed.ts'
import { type FileReport, Tally } from './file-report.ts'
import { headerNotes, objectionTo } from './header.ts'
import { JsonReader } from './json-reader.ts'
import { readManifestBeside } from './manifests.ts'
import type { Row } from './row.ts'

export interface Reading {
  readonly row: Row
  /** Called when `row` is set. */
  readonly onRow: () => void
  /** Whether there are enough rows: those that follow are only counted. */
  readonly isFull?: () => boolean
}

/**
 * Reads `path`, `-` for standard input, whatever its name says: CSV, JSON or JSON Lines.
 * @throws UsageError when there is no such file, or it cannot be read
 * @throws SetupError when reading fails on the way
 */
export async function readFile(path: string, reading: Reading, options?: FeedOptions): Promise<FileReport> {
  const report: FileReport = {
    tally: new Tally(reading.isFull ?? (() => false)),
    unknown: new Set(),
    manifests: [],
    notes: [],
  }
  const reader = new FileReader(reading, report, formatOf(path) !== 'csv')
  await feed(path, reader, options)
  if (reader.isCsv && path !== '-') readManifestBeside(path, report)
  return report
}

class FileReader implements Consumer {
  readonly #reading: Reading
  readonly #report: FileReport
  /** Its name says so; what stands in it counts more. */
  readonly #isNamedJson: boolean
  #consumer: Consumer | undefined
  #hasHeader = false

  constructor(reading: Reading, report: FileReport, isNamedJson: boolean) {
    this.#reading = reading
    this.#report = report
    this.#isNamedJson = isNamedJson
  }

  get isCsv(): boolean {
    return this.#consumer instanceof CsvReader
  }

  get finished(): boolean {
    return this.#report.unusable !== undefined || this.#consumer?.finished === true
  }

  take(bytes: Buffer, last: boolean): number {
    const at = this.#consumer ? 0 : this.#begin(bytes, last)
    const taken = at + (this.#consumer?.take(bytes.subarray(at), last) ?? 0)
    const isOver = last || this.#consumer?.finished
    if (isOver && this.isCsv && !this.#hasHeader)
      this.#report.unusable ??= 'it has no header; name a file that bench wrote'
    return taken
  }

  /** Looks at the first bytes; gives where the text begins, 0 while there are too few of them. */
  #begin(bytes: Buffer, last: boolean): number {
    const head = bytes.toString('latin1', 0, HEAD_BYTES)
    const letters = (head.startsWith(BOM) ? head.slice(BOM.length) : head).trimStart()
    if (letters.length < 4 && head.length < HEAD_BYTES && !last) return 0
    const foreign = FOREIGN.find(({ begin }) => head.startsWith(begin))
    if (foreign) this.#report.unusable = foreign.message
    else if (letters === '') this.#report.unusable = 'it is empty'
    else {
      // The first line of JSON Lines may be damaged.
      const isJson = /^[[{]/.test(letters) || (this.#isNamedJson && letters.includes('":'))
      this.#consumer = isJson ? this.#json() : this.#csv()
    }
    if (!this.#consumer) return bytes.length
    return head.startsWith(BOM) ? BOM.length : 0
  }

  #json(): Consumer {
    const { row, onRow } = this.#reading
    row.clear()
    return new JsonReader({ row, onRow, report: this.#report })
  }

  #csv(): Consumer {
    const { row, onRow } = this.#reading
    return new CsvReader({
      tally: this.#report.tally,
      onRow,
      tableOf: (names, mark) => {
        const header = headerOf(names)
        return new CsvLayout(header, row, this.#header(header), mark)
      },
    })
  }

  /** Notes what is odd about a header; returns why the rows below it cannot be used, or undefined. */
  #header(header: Header): string | undefined {
    const { row } = this.#reading
    const objection = objectionTo(header, row)
    // The rows above a header further down are as good as they were.
    if (objection !== undefined && this.#hasHeader)
      return `it is below the header of another table: ${objection}`
    this.#hasHeader = true
    if (objection === undefined) {
      for (const name of header.unknown) this.#report.unknown.add(name)
      this.#report.notes.push(...headerNotes(header, row))
    } else this.#report.unusable = objection
    return objection
  }
}

/** Enough to see behind blank lines. */
const HEAD_BYTES = 256

/** UTF-8's byte order mark, as latin1. */
const BOM = '\u00ef\u00bb\u00bf'

const FOREIGN = [
  {
    begin: '\u001f\u008b',
    message: 'compressed by gzip; unpack it with gunzip, or give it as: zcat FILE | bench … -',
  },
  { begin: '(\u00b5/\u00fd', message: 'compressed by zstd; unpack it with unzstd' },
  {
    begin: 'PK\u0003\u0004',
    message: 'a ZIP archive or a spreadsheet; unpack it, or save it as CSV in UTF-8',
  },
] as const
