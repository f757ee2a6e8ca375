/**
 * Rows and fields of a CSV (RFC 4180, lines ended by CRLF or LF) found in bytes. Nothing is decoded or copied: a million rows of
 * 112 columns are 850 MB, of which a comparison looks at a third, and `csv-parse` takes 80 s for them (`npm run bench:read`).
 */
import { QUOTE } from './csv-text.ts'

const LF = 0x0a
const CR = 0x0d
const COMMA = 0x2c

/** A row of more fields than this is of no table of ours. */
const MOST_FIELDS = 10_000

export class CsvScanner {
  /** Field i of the row begins behind bounds[i] and ends before bounds[i + 1]; a quoted one has its quotes. */
  readonly bounds = new Int32Array(MOST_FIELDS + 1)
  fields = 0
  /** Lines of the text that the row takes: more than one when a quoted field has line breaks. */
  lines = 1
  /** Whether a line break ends the row, and which. */
  ending: 'CRLF' | 'LF' | 'none' = 'none'
  /** What is wrong with its quotes. */
  fault: 'open' | 'stray' | undefined

  /**
   * Finds the row that begins at `start`.
   * @param last `end` is the end of the text: the row ends there, too
   * @returns where the next row begins; -1 when the row goes on behind `end`
   */
  next(bytes: Buffer, start: number, end: number, last: boolean): number {
    const bounds = this.bounds
    let fields = 0
    let fieldStart = start
    let at = start
    bounds[0] = start - 1
    this.lines = 1
    this.fault = undefined
    for (;;) {
      // Letters, digits, points and signs are all above the comma.
      while (at < end && (bytes[at] ?? 0) > COMMA) at++
      if (at >= end) break
      const byte = bytes[at]
      if (byte === COMMA) {
        if (fields < MOST_FIELDS) fields++
        bounds[fields] = at
        fieldStart = at + 1
      } else if (byte === LF) {
        const afterCr = at > start && bytes[at - 1] === CR
        this.ending = afterCr ? 'CRLF' : 'LF'
        this.#close(fields, afterCr ? at - 1 : at)
        return at + 1
      } else if (byte === QUOTE && at === fieldStart) {
        at = this.#closingQuote(bytes, at, end, last)
        if (at < 0) return -1
        continue
      }
      at++
    }
    if (!last) return -1
    this.ending = 'none'
    // What is cut off between CR and LF is whole.
    const afterCr = end > start && bytes[end - 1] === CR
    if (afterCr) this.ending = 'CRLF'
    this.#close(fields, afterCr ? end - 1 : end)
    return end
  }

  #close(fields: number, end: number): void {
    this.fields = Math.min(fields + 1, MOST_FIELDS)
    this.bounds[this.fields] = end
  }

  /** Behind the quote that closes the field; -1 when it is not closed before `end`. */
  #closingQuote(bytes: Buffer, opening: number, end: number, last: boolean): number {
    let at = opening + 1
    for (;;) {
      while (at < end && bytes[at] !== QUOTE) {
        if (bytes[at] === LF) this.lines++
        at++
      }
      if (at >= end) {
        this.fault = 'open'
        return -1
      }
      // Whether it is one of two quotes, or what ends the field, is only known from what follows.
      if (at + 1 >= end && !last) return -1
      const after = bytes[at + 1]
      if (at + 1 < end && after === QUOTE) {
        at += 2
        continue
      }
      if (at + 1 < end && after !== COMMA && after !== LF && after !== CR) this.fault = 'stray'
      return at + 1
    }
  }
}
