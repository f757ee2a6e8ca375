/** Distinct values of a column by number: a million cells of one text are a million small numbers, and equal if those are. */

import type { Column } from '../schema/columns.ts'
import { Unusable, type Value, valueOfText } from '../schema/value.ts'
import { fieldText } from './csv-scanner.ts'

interface DictionaryOptions {
  /** Where its code stands in a row. */
  readonly slot: number
  /** An empty cell makes its row unusable. */
  readonly needed: boolean
  /** A text that is not a value of the column counts as empty. */
  readonly tolerant: boolean
  /** It then forgets all values: a reader of one row at a time needs no more than that of the row. */
  readonly most?: number | undefined
}

/** A longer cell is looked up even if it equals the one above it. */
const LONGEST_LAST_BYTES = 128

export class Dictionary {
  readonly column: Column
  readonly slot: number
  /** By code; the code of an empty cell, and of the value that it stands for, is 0. */
  readonly values: Value[]
  /** The same as numbers: true is 1, false 0, a text NaN. */
  readonly numbers: number[] = [Number.NaN]
  /** The code of an empty cell; -1 if its row cannot be used. */
  readonly empty: number
  /** How often it has forgotten its values: a code is that of another value then. */
  age = 0
  readonly #most: number
  readonly #tolerant: boolean
  readonly #codes: Map<Value, number>
  readonly #codesOfTexts = new Map<string, number>()
  /** The bytes of the cell before, their number and their code: most cells equal the one above them. */
  readonly #last = new Uint8Array(LONGEST_LAST_BYTES)
  #lastLength = -1
  #lastCode = -1

  constructor(column: Column, { slot, needed, tolerant, most }: DictionaryOptions) {
    this.column = column
    this.slot = slot
    this.values = [column.whenEmpty]
    this.empty = needed ? -1 : 0
    this.#tolerant = tolerant
    this.#most = most ?? Number.POSITIVE_INFINITY
    this.#codes = new Map([undefined, column.whenEmpty].map(value => [value, 0]))
  }

  /** Returns the code of `value`, a new one for a new value. */
  codeOf(value: Value): number {
    const known = this.#codes.get(value)
    if (known !== undefined) return known
    if (this.values.length > this.#most) this.#forget()
    const code = this.values.push(value) - 1
    this.numbers.push(typeof value === 'string' ? Number.NaN : Number(value))
    this.#codes.set(value, code)
    return code
  }

  /** The code of the cell of a CSV from `start` to before `end`, which is not empty; -1 if its row cannot be used. */
  codeOfBytes(bytes: Buffer, start: number, end: number): number {
    const length = end - start
    const last = this.#last
    if (length === this.#lastLength) {
      let same = 0
      while (same < length && bytes[start + same] === last[same]) same++
      if (same === length) return this.#lastCode
    }
    const text = fieldText(bytes, start, end)
    let code = this.#codesOfTexts.get(text)
    if (code === undefined) {
      code = this.#codeOfText(text)
      this.#codesOfTexts.set(text, code)
    }
    this.#lastLength = length <= LONGEST_LAST_BYTES ? length : -1
    for (let at = 0; at < this.#lastLength; at++) last[at] = bytes[start + at] ?? 0
    this.#lastCode = code
    return code
  }

  #forget(): void {
    this.age++
    this.values.length = 1
    this.numbers.length = 1
    this.#codesOfTexts.clear()
    this.#codes.clear()
    for (const value of [undefined, this.column.whenEmpty]) this.#codes.set(value, 0)
  }

  #codeOfText(text: string): number {
    const value = valueOfText(this.column, text)
    if (value instanceof Unusable) return this.#tolerant ? 0 : -1
    return value === undefined ? this.empty : this.codeOf(value)
  }
}
