/** Reads records of JSON as its lines arrive: one a line (JSON Lines, and the document that bench writes), or a document as a whole. */

import { isColumnName } from '../schema/columns.ts'
import { checkedValue } from '../schema/value.ts'
import { SCHEMA_VERSION } from '../store/encoding.ts'
import type { Consumer } from './feed.ts'
import type { FileReport } from './file-report.ts'
import { type Line, Lines } from './lines.ts'
import { takeManifest } from './manifests.ts'
import type { Row } from './row.ts'

/** A document that is not written in lines is held at once, as text and as values. */
const LONGEST_JSON_BYTES = 64 * 2 ** 20

const IN_LINES = `write it with one record a line, as jq -c '.records[]' does`

const NO_RECORD = 'it is not a record of a trial'

/** The first line of a document that bench writes. */
const HEAD = /^\{"schema_version":(\d+),(?:"run":\{.*\},)?"records":\[$/

export interface JsonReaderOptions {
  readonly row: Row
  readonly report: FileReport
  /** Called when `row` is set. */
  readonly onRow: () => void
}

export class JsonReader implements Consumer {
  readonly #options: JsonReaderOptions
  finished = false
  /** How the text is laid out; undefined before its first line. */
  #layout: 'lines' | 'document' | 'whole' | undefined
  readonly #lines = new Lines(LONGEST_JSON_BYTES, line => this.#line(line))
  #held: string[] = []
  #heldLength = 0

  constructor(options: JsonReaderOptions) {
    this.#options = options
  }

  take(bytes: Buffer, last: boolean): number {
    const taken = this.#lines.take(bytes, last, () => !this.finished)
    if (last) this.#end()
    return taken
  }

  #line(line: Line): void {
    if (line.text === '') return
    if (this.#layout === undefined) this.#begin(line)
    else if (this.#layout === 'whole') this.#hold(line)
    // Warnings follow.
    else if (this.#layout === 'document' && line.text?.startsWith(']')) this.finished = true
    else this.#record(line)
  }

  #end(): void {
    const { notes } = this.#options.report
    if (this.#layout === 'document' && !this.finished)
      notes.push('the document is cut off: was the run killed?')
    if (this.#layout === 'whole' && !this.finished) this.#whole()
  }

  #begin(line: Line): void {
    const { report } = this.#options
    const version = Number(HEAD.exec(line.text ?? '')?.[1])
    const value = parsed(line.text ?? '')
    if (version > SCHEMA_VERSION)
      report.notes.push(`schema version ${version} is newer than this program’s ${SCHEMA_VERSION}`)
    if (version >= 0) {
      this.#layout = 'document'
      this.#document(parsed(`${line.text}]}`))
    } else if (isObject(value) && !Object.hasOwn(value, 'records')) {
      this.#layout = 'lines'
      this.#record(line)
    } else {
      this.#layout = 'whole'
      this.#hold(line)
    }
  }

  #record({ text, number, isCut }: Line): void {
    const { tally } = this.#options.report
    const value = text === undefined || tally.isFull() ? undefined : parsed(text.replace(/,$/, ''))
    if (tally.isFull()) tally.pass()
    else if (text === undefined) tally.skip(number, 'it is too long')
    else if (value === undefined) tally.skip(number, isCut ? 'it is cut off' : 'it is not JSON')
    else this.#take(value, number)
  }

  #hold({ text }: Line): void {
    this.#heldLength += text?.length ?? LONGEST_JSON_BYTES
    if (text !== undefined) this.#held.push(text)
    if (this.#heldLength < LONGEST_JSON_BYTES) return
    this.#options.report.unusable = `a JSON document of over 64 MiB in one piece; ${IN_LINES}`
    this.finished = true
  }

  #whole(): void {
    const value = parsed(this.#held.join('\n'))
    this.#document(value)
    const records = isObject(value) ? value['records'] : value
    if (Array.isArray(records))
      for (const [index, record] of records.entries()) this.#take(record, index + 1, 'record')
    else if (value === undefined && this.#held.some(isRecordLine)) {
      // JSON Lines whose first line is damaged.
      for (const [index, text] of this.#held.entries())
        this.#record({ text, number: index + 1, isCut: false })
    } else
      this.#options.report.unusable =
        value === undefined
          ? `no JSON that can be read: it is damaged or cut off; ${IN_LINES}`
          : isManifest(value)
            ? 'it says how a run was measured; name the file of its results'
            : 'JSON without records; name a file that bench wrote'
  }

  #document(value: unknown): void {
    if (isObject(value) && value['run'] !== undefined) takeManifest(value['run'], this.#options.report)
  }

  #take(value: unknown, number: number, what = 'line'): void {
    const { report, onRow } = this.#options
    const { tally } = report
    if (isManifest(value)) takeManifest(value, report)
    else if (tally.isFull()) tally.pass()
    else {
      const reason = isObject(value) ? this.#set(value) : NO_RECORD
      if (reason === undefined) {
        tally.rows++
        onRow()
      } else tally.skip(number, reason, what)
    }
  }

  /** Sets the row; returns why it cannot be used, or undefined. */
  #set(value: Readonly<Record<string, unknown>>): string | undefined {
    const { row, report } = this.#options
    const unknown = Object.keys(value).filter(key => !isColumnName(key))
    if (unknown.length === Object.keys(value).length) return NO_RECORD
    for (const key of unknown) report.unknown.add(key)
    row.others = () => new Map(unknown.flatMap(key => textOf(key, value[key])))
    for (const column of row.columns) {
      const reason = row.put(column, checkedValue(column, value[column.name]))
      if (reason !== undefined) return `column ${column.name}: ${reason}`
    }
    return row.contradiction()
  }
}

/** The value of a JSON text; undefined if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** No entry for an empty value. */
function textOf(key: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined || value === null || value === '') return []
  return [[key, typeof value === 'string' ? value : JSON.stringify(value)]]
}

function isManifest(value: unknown): boolean {
  return isObject(value) && value['record'] === 'run'
}

function isRecordLine(text: string): boolean {
  const value = parsed(text.replace(/,$/, ''))
  return isObject(value) && Object.keys(value).some(isColumnName)
}
