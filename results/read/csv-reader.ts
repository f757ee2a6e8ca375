/** Reads the rows of a CSV as its bytes arrive: whole, cut off or damaged. */
import { isColumnName } from '../schema/columns.ts'
import { CsvScanner, fieldText } from './csv-scanner.ts'
import type { Consumer } from './feed.ts'
import type { Tally } from './file-report.ts'

/** A quote that is never closed would take the rest of the file: a row is never nearly as long as this. */
const LONGEST_ROW_BYTES = 2 ** 20

const LF = 0x0a
const CUT_OFF = 'it is cut off'

/** What a header says of the rows below it. */
export interface CsvTable {
  readonly width: number
  /** A row ends with a number: it may have lost digits when the row has no line break. */
  readonly numberIsLast: boolean
  /** Why no row can be used. */
  readonly useless?: string | undefined
  /** Takes a row; returns why it cannot be used, or undefined. @param bounds as in CsvScanner */
  set(bytes: Buffer, bounds: Int32Array): string | undefined
}

export interface CsvReaderOptions {
  readonly tally: Tally
  /** Called for each header. @param mark of decimals */
  readonly tableOf: (names: readonly string[], mark: '.' | ',') => CsvTable
  /** Called when the table has taken a row. */
  readonly onRow: () => void
}

export class CsvReader implements Consumer {
  /** It has no usable header. */
  finished = false
  readonly #options: CsvReaderOptions
  readonly #scanner = new CsvScanner()
  #table: CsvTable | undefined
  /** Of the row that comes next, from 1. */
  #line = 1
  #crlf = false
  /** Within a line that is too long. */
  #discarding = false

  constructor(options: CsvReaderOptions) {
    this.#options = options
  }

  /**
   * Reads the rows that are whole.
   * @param last nothing follows these bytes
   * @returns where the row that continues after them begins
   */
  take(bytes: Buffer, last: boolean): number {
    let at = 0
    while (at < bytes.length && !this.finished) {
      const next = this.#discarding ? this.#discard(bytes, at) : this.#row(bytes, at, last)
      if (next < 0) break
      at = next
    }
    return at
  }

  #row(bytes: Buffer, at: number, last: boolean): number {
    const scanner = this.#scanner
    const end = bytes.length
    const next = this.#table ? scanner.next(bytes, at, end, last) : scanner.header(bytes, at, end, last)
    if (next < 0) return last || end - at > LONGEST_ROW_BYTES ? this.#firstLine(bytes, at, end, last) : -1
    // A quote that is not closed ends at the next one, some rows further down, and what it took is not a row.
    if (scanner.lines > 1 && this.#table && this.#fault(this.#table) !== undefined)
      return this.#firstLine(bytes, at, next, scanner.ending === 'none')
    if (this.#table) this.#data(this.#table, bytes)
    else if (!this.#isBlank()) this.#header(bytes)
    this.#line += scanner.lines
    return next
  }

  #isBlank(): boolean {
    const { fields, bounds } = this.#scanner
    return fields === 1 && (bounds[0] ?? 0) + 1 === bounds[1]
  }

  #header(bytes: Buffer): void {
    const isFirst = this.#table === undefined
    this.#crlf = this.#scanner.ending === 'CRLF'
    this.#table = this.#options.tableOf(this.#texts(bytes), this.#scanner.decimalMark)
    this.finished = isFirst && this.#table.useless !== undefined
  }

  #data(table: CsvTable, bytes: Buffer): void {
    const { tally, onRow } = this.#options
    if (tally.isFull()) {
      if (!this.#isBlank()) tally.pass()
      return
    }
    const reason = table.useless ?? this.#fault(table) ?? table.set(bytes, this.#scanner.bounds)
    if (reason === undefined) {
      tally.rows++
      onRow()
      return
    }
    if (this.#isBlank()) return
    if (this.#isHeader(bytes)) this.#header(bytes)
    else tally.skip(this.#line, reason)
  }

  /** What is wrong with the row as a whole. */
  #fault({ width, numberIsLast }: CsvTable): string | undefined {
    const { fields, fault, ending } = this.#scanner
    if (fault !== undefined) return 'there is text after a closing quote'
    if (fields !== width)
      return ending === 'none' && fields < width
        ? CUT_OFF
        : `${fields} ${fields === 1 ? 'field' : 'fields'} under ${width} columns`
    // A row without its line break may have lost the end of its last field.
    if (ending === 'none' && (this.#crlf || numberIsLast)) return CUT_OFF
    return undefined
  }

  /** Concatenated files have headers between their rows. */
  #isHeader(bytes: Buffer): boolean {
    const names = new Set(this.#texts(bytes).filter(isColumnName))
    return names.size > 1 && names.has('run_id')
  }

  #texts(bytes: Buffer): readonly string[] {
    const { bounds, fields } = this.#scanner
    return Array.from({ length: fields }, (_, at) =>
      fieldText(bytes, (bounds[at] ?? 0) + 1, bounds[at + 1] ?? 0),
    )
  }

  /**
   * Leaves out the first line of what has no end, so that the line after it is a row again.
   * @param last the text ends at `end`
   */
  #firstLine(bytes: Buffer, at: number, end: number, last: boolean): number {
    const { tally } = this.#options
    const lineEnd = bytes.subarray(at, end).indexOf(LF)
    const next = lineEnd < 0 ? end : at + lineEnd + 1
    if (last && !this.#isRowAt(bytes, next, end)) {
      // The text ends within quotes, as that of a writer that was killed does.
      tally.skip(this.#line, CUT_OFF)
      return end
    }
    tally.skip(this.#line, lineEnd < 0 ? 'it is too long' : 'a quote is not closed')
    this.#discarding = lineEnd < 0
    // A file that begins like this is not text: /dev/zero has no end.
    if (this.#discarding && !this.#table) this.finished = true
    if (!this.#discarding) this.#line++
    return next
  }

  #isRowAt(bytes: Buffer, at: number, end: number): boolean {
    return (
      at < end && this.#scanner.next(bytes, at, end, true) >= 0 && this.#scanner.fields === this.#table?.width
    )
  }

  #discard(bytes: Buffer, at: number): number {
    const lineEnd = bytes.indexOf(LF, at)
    if (lineEnd < 0) return bytes.length
    this.#discarding = false
    this.#line++
    return lineEnd + 1
  }
}
