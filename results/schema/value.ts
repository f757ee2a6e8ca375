/** Values of cells by the column table: the same rules as those of a record's schema, for one cell at a time. */

import { quoted } from '../../base/foreign-text.ts'
import { COLUMNS, type Column, type ColumnName } from './columns.ts'
import { unguardFormula } from './formula.ts'

/** What a cell holds; undefined where it is empty. */
export type Value = string | number | boolean | undefined

/** Why a cell cannot be used: `not a number: "abc"`. */
export class Unusable {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** A line of the column table. */
export type KnownColumn = Column & { readonly name: ColumnName }

const BY_NAME: ReadonlyMap<string, KnownColumn> = new Map(COLUMNS.map(column => [column.name, column]))

/** The column of this name. */
export function columnOf(name: ColumnName): KnownColumn {
  const column = BY_NAME.get(name)
  if (!column) throw new Error(`no column ${name}`)
  return column
}

/** Whether the column table has this name. */
export function isColumnName(name: string): name is ColumnName {
  return BY_NAME.has(name)
}

/** The value of a cell of a CSV. */
export function valueOfText(column: Column, text: string): Value | Unusable {
  if (text === '') return undefined
  switch (column.type) {
    case 'string':
      return checkedValue(column, unguardFormula(text))
    case 'boolean':
      return checkedValue(column, BOOLEANS.get(text) ?? text)
    case 'integer':
    case 'number':
      return numberIn(column, numberOf(text), text)
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
export function checkedValue(column: Column, value: unknown): Value | Unusable {
  if (value === undefined || value === null || value === '') return undefined
  switch (column.type) {
    case 'string':
      if (typeof value !== 'string') return new Unusable(`not a text: ${quoted(value)}`)
      if (column.values && !column.values.includes(value))
        return new Unusable(`not one of ${column.values.join(', ')}: ${quoted(value)}`)
      if (column.format === 'moment' && !MOMENT.test(value))
        return new Unusable(
          `not a moment in UTC, as 2026-03-01T12:00:00.000Z (did a spreadsheet write it?): ${quoted(value)}`,
        )
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

function numberIn(column: Column, value: number | undefined, written: unknown): number | Unusable {
  if (value === undefined || !isInRange(column, value))
    return new Unusable(`not ${rangeName(column)}: ${quoted(written)}`)
  // "+ 0" turns a negative zero into 0.
  return value + 0
}

/** Whether a numeric column may hold `value`. */
export function isInRange(column: Column, value: number): boolean {
  if (column.type === 'integer') return Number.isSafeInteger(value) && value >= 0 && value <= mostOf(column)
  return Number.isFinite(value) && (column.unit !== '0 to 1' || (value >= 0 && value <= 1))
}

/** The most that a numeric column may hold. */
export function mostOf({ name, type, unit }: Column): number {
  if (unit === '0 to 1') return 1
  // CellTrials keeps these two in 32 bits.
  if (name === 'round' || name === 'trial') return 2 ** 32 - 1
  return type === 'integer' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE
}

function rangeName(column: Column): string {
  if (column.unit === '0 to 1') return 'a number from 0 to 1'
  if (column.type === 'number') return 'a number'
  const most = mostOf(column)
  return most === Number.MAX_SAFE_INTEGER ? 'a whole number of 0 or more' : `a whole number from 0 to ${most}`
}
