/**
 * Rows and fields of a CSV (RFC 4180, lines ended by CRLF or LF) found in bytes. Nothing is decoded or copied: a million rows of
 * 112 columns are 850 MB, of which a comparison looks at a third, and `csv-parse` takes 80 s for them (`npm run bench:read`).
 */
const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d
const COMMA = 0x2c
const SEMICOLON = 0x3b

/** A row with more fields than this is from another table. */
const MOST_FIELDS = 10_000

export class CsvScanner {
  /** Field i of the row begins behind bounds[i] and ends before bounds[i + 1]; a quoted one has its quotes. */
  readonly bounds = new Int32Array(MOST_FIELDS + 1)
  fields = 0
  /** Lines of the text that the row takes: more than one when a quoted field has line breaks. */
  lines = 1
  /** Whether a line break ends the row, and which. */
  ending: 'CRLF' | 'LF' | 'none' = 'none'
  /** What is between fields; the header says that. */
  separator: typeof COMMA | typeof SEMICOLON = COMMA
  /** Of decimals: where fields are separated by semicolons, spreadsheets write a comma. */
  get decimalMark(): '.' | ',' {
    return this.separator === COMMA ? '.' : ','
  }
  /** What is wrong with its quotes. */
  fault: 'open' | 'stray' | undefined

  /**
   * Finds the row that begins at `start`.
   * @param last `end` is the end of the text: the row ends there, too
   * @returns where the next row begins; -1 when the row goes on behind `end`
   */
  next(bytes: Buffer, start: number, end: number, last: boolean): number {
    const { bounds, separator } = this
    let fields = 0
    bounds[0] = start - 1
    this.lines = 1
    this.fault = undefined
    for (
      let at = nextMark(bytes, start, end, separator);
      at < end;
      at = nextMark(bytes, at + 1, end, separator)
    ) {
      const byte = bytes[at]
      if (byte === separator) {
        // Behind the last one it is not kept, and the row is refused for its number of fields.
        bounds[++fields] = at
      } else if (byte === LF) {
        const afterCr = at > start && bytes[at - 1] === CR
        this.ending = afterCr ? 'CRLF' : 'LF'
        this.#close(fields, afterCr ? at - 1 : at)
        return at + 1
      } else if (byte === QUOTE && bounds[fields] === at - 1) {
        const closing = this.#closingQuote(bytes, at, end, last)
        if (closing < 0) return -1
        at = closing
      }
    }
    if (!last) return -1
    this.ending = 'none'
    // What is cut off between CR and LF is whole.
    const afterCr = end > start && bytes[end - 1] === CR
    if (afterCr) this.ending = 'CRLF'
    this.#close(fields, afterCr ? end - 1 : end)
    return end
  }

  /**
   * Finds the header that begins at `start`, whatever is between its fields: one that reads as a single field with semicolons in it has those.
   * @returns as `next`
   */
  header(bytes: Buffer, start: number, end: number, last: boolean): number {
    const next = this.next(bytes, start, end, last)
    if (this.separator !== COMMA || next < 0 || this.fields > 1) return next
    if (!bytes.subarray(start, next).includes(SEMICOLON)) return next
    this.separator = SEMICOLON
    return this.next(bytes, start, end, last)
  }

  #close(fields: number, end: number): void {
    this.fields = Math.min(fields + 1, MOST_FIELDS)
    this.bounds[this.fields] = end
  }

  /** The quote that closes the field; -1 when it is not closed before `end`. */
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
      if (at + 1 >= end) return last ? at : -1
      const after = bytes[at + 1]
      if (after !== QUOTE) {
        if (after !== this.separator && after !== LF && after !== CR) this.fault = 'stray'
        return at
      }
      at += 2
    }
  }
}

/** The field from `start` to before `end` as a text, without its quotes. */
export function fieldText(bytes: Buffer, start: number, end: number): string {
  if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE)
    return bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"')
  return bytes.toString('utf8', start, end)
}

/**
 * Where the first byte from `at` on is that may mean something: letters, digits, points and signs are all above the comma, and letters
 * above the semicolon. `end` when there is none. Four at a time take a third less time.
 */
function nextMark(bytes: Buffer, from: number, end: number, most: number): number {
  let at = from
  for (const last = end - 4; at <= last; at += 4) {
    if ((bytes[at] ?? 0) <= most) return at
    if ((bytes[at + 1] ?? 0) <= most) return at + 1
    if ((bytes[at + 2] ?? 0) <= most) return at + 2
    if ((bytes[at + 3] ?? 0) <= most) return at + 3
  }
  while (at < end && (bytes[at] ?? 0) > most) at++
  return at
}
