/** Values of cells by the column table: the same rules as those of a record's schema, for one cell at a time. */

import { quoted } from '../../base/foreign-text.ts'
import { Latencies } from '../../base/latencies.ts'
import type { ColumnFacts } from './columns/column.ts'
import { unguardFormula } from './formula.ts'
import { isInRange, rangeName } from './range.ts'

/** What a cell holds; undefined where it is empty. */
export type Value = string | number | boolean | undefined

/** Why a cell cannot be used: `not a number: "abc"`. */
export class Unusable {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** The value of a cell of a CSV. @param mark of decimals */
export function valueOfText(column: ColumnFacts, text: string, mark: '.' | ',' = '.'): Value | Unusable {
  if (text === '') return undefined
  switch (column.type) {
    case 'string':
      return checkedValue(column, unguardFormula(text))
    case 'boolean':
      return checkedValue(column, BOOLEANS.get(text) ?? text)
    case 'integer':
    case 'number':
      // It could be one of thousands.
      if (mark === ',' && text.includes('.'))
        return new Unusable(
          `a point in ${quoted(text)}, where semicolons separate fields; save it with commas for both, or for neither`,
        )
      return numberIn(column, numberOf(text.replace(mark, '.')), text)
  }
}

/** Spreadsheets write them in capitals. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['TRUE', true],
  ['false', false],
  ['FALSE', false],
])

/** Number() also takes 0x10, Infinity and nothing but blanks. */
function numberOf(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined
}

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i

/** The value of a key of JSON; null is as good as absent. */
export function checkedValue(column: ColumnFacts, value: unknown): Value | Unusable {
  if (value === undefined || value === null || value === '') return undefined
  switch (column.type) {
    case 'string':
      if (typeof value !== 'string') return new Unusable(`not a text: ${quoted(value)}`)
      if (column.values && !column.values.includes(value))
        return new Unusable(`not one of ${column.values.join(', ')}: ${quoted(value)}`)
      if (column.format === 'moment' && !isMoment(value))
        return new Unusable(
          `not a moment in UTC, as 2026-03-01T12:00:00.000Z (did a spreadsheet write it?): ${quoted(value)}`,
        )
      if (column.format === 'latencies' && !Latencies.isEncoded(value))
        return new Unusable(`not a histogram of latencies: ${quoted(value)}`)
      return value
    case 'boolean':
      return typeof value === 'boolean' ? value : new Unusable(`neither true nor false: ${quoted(value)}`)
    case 'integer':
    case 'number':
      return numberIn(column, typeof value === 'number' ? value : undefined, value)
  }
}

/** ISO 8601, UTC. */
export const MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/

/** Whether it is of that form, and a day that there is: databases refuse others. */
export function isMoment(text: string): boolean {
  if (!MOMENT.test(text) || text.startsWith('0000') || text.length > LONGEST_MOMENT) return false
  const day = Number(text.slice(8, 10))
  return day <= 28 || new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day
}

/** With nanoseconds. */
const LONGEST_MOMENT = 30

function numberIn(column: ColumnFacts, value: number | undefined, written: unknown): number | Unusable {
  if (value === undefined || !isInRange(column, value)) {
    const wanted = value === undefined && column.type === 'number' ? 'a number' : rangeName(column)
    return new Unusable(`not ${wanted}: ${quoted(written)}`)
  }
  // "+ 0" turns a negative zero into 0.
  return value + 0
}
