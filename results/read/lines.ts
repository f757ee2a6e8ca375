/** Splits a text into lines as its bytes arrive. */
import type { Consumer } from './feed.ts'

const LF = 0x0a

export interface Line {
  /** Without its line break and the blanks around it; undefined when it is too long to be held. */
  readonly text: string | undefined
  /** From 1. */
  readonly number: number
  /** The text ends without a line break. */
  readonly isCut: boolean
}

export interface LineTaker {
  line(line: Line): void
  /** No more lines follow. */
  end(): void
  /** It needs no more. */
  readonly finished: boolean
}

export class Lines implements Consumer {
  readonly #taker: LineTaker
  readonly #longestBytes: number
  #number = 0
  /** Within a line that is too long. */
  #discarding = false

  constructor(taker: LineTaker, longestBytes: number) {
    this.#taker = taker
    this.#longestBytes = longestBytes
  }

  get finished(): boolean {
    return this.#taker.finished
  }

  take(bytes: Buffer, last: boolean): number {
    const end = bytes.length
    let at = 0
    while (at < end && !this.finished) {
      const found = bytes.indexOf(LF, at)
      const isWhole = found >= 0 || last
      if (!isWhole && end - at <= this.#longestBytes && !this.#discarding) return at
      const next = found < 0 ? end : found + 1
      if (!this.#discarding) {
        this.#number++
        const text = isWhole ? bytes.toString('utf8', at, next).trim() : undefined
        this.#taker.line({ text, number: this.#number, isCut: found < 0 })
      }
      this.#discarding = !isWhole
      at = next
    }
    if (last) this.#taker.end()
    return at
  }
}
