/** Distinct values of a column by number: a million cells of one text are a million small numbers, and equal when those are. */
import type { Column } from '../schema/columns.ts'
import type { Value } from '../schema/value.ts'

export class Dictionary {
  readonly column: Column
  /** By code; the code of an empty cell, and of what it means, is 0. */
  readonly values: Value[]
  /** The same as numbers: true is 1, false 0, and what is no number NaN. */
  readonly numbers: number[] = [Number.NaN]
  readonly #codes: Map<Value, number>

  constructor(column: Column) {
    this.column = column
    this.values = [column.whenEmpty]
    this.#codes = new Map([undefined, column.whenEmpty].map(value => [value, 0]))
  }

  /** The code of `value`, a new one for a new value. */
  codeOf(value: Value): number {
    const known = this.#codes.get(value)
    if (known !== undefined) return known
    const code = this.values.push(value) - 1
    this.numbers.push(typeof value === 'string' ? Number.NaN : Number(value))
    this.#codes.set(value, code)
    return code
  }
}
