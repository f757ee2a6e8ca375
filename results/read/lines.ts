/** Splits a text into lines as its bytes arrive. */

const LF = 0x0a

export interface Line {
  /** Without its line break and the blanks around it; undefined when it is too long to be held. */
  readonly text: string | undefined
  /** From 1. */
  readonly number: number
  /** The text ends without a line break. */
  readonly isCut: boolean
}

/** Finds lines in bytes that come in pieces. */
export class Lines {
  readonly #longestBytes: number
  readonly #line: (line: Line) => void
  #number = 0
  /** Within a line that is too long. */
  #discarding = false

  /** @param line is called for each line */
  constructor(longestBytes: number, line: (line: Line) => void) {
    this.#longestBytes = longestBytes
    this.#line = line
  }

  /** As of a `Consumer`. @param needsMore whether another line is wanted */
  take(bytes: Buffer, last: boolean, needsMore: () => boolean): number {
    const end = bytes.length
    let at = 0
    while (at < end && needsMore()) {
      const found = bytes.indexOf(LF, at)
      const isWhole = found >= 0 || last
      if (!isWhole && end - at <= this.#longestBytes && !this.#discarding) return at
      const next = found < 0 ? end : found + 1
      if (!this.#discarding) {
        this.#number++
        const text = isWhole ? bytes.toString('utf8', at, next).trim() : undefined
        this.#line({ text, number: this.#number, isCut: found < 0 })
      }
      this.#discarding = !isWhole
      at = next
    }
    return at
  }
}
