/** What a numeric column may hold: one notion of it for the schema of records, and for the cells of files. */
import type { ColumnFacts } from './columns/column.ts'

export interface Range {
  readonly whole: boolean
  readonly least: number
  readonly most: number
  /** The only ones, where they are few. */
  readonly only?: readonly number[]
}

/** Nothing that is counted or measured is below 0. */
export function rangeOf({ type, unit, least = 0, most, numbers }: ColumnFacts): Range {
  const whole = type === 'integer'
  if (numbers) return { whole, least: Math.min(...numbers), most: Math.max(...numbers), only: numbers }
  const largest = unit === '0 to 1' ? 1 : whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE
  return { whole, least, most: most ?? largest }
}

export function isInRange(column: ColumnFacts, value: number): boolean {
  const { whole, least, most, only } = rangeOf(column)
  if (only && !only.includes(value)) return false
  return value >= least && value <= most && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))
}

/** `a whole number from 1 to 4294967295`, `a number of 0 or more` */
export function rangeName(column: ColumnFacts): string {
  const { whole, least, most, only } = rangeOf(column)
  if (only) return only.join(' or ')
  const bounded = most !== Number.MAX_SAFE_INTEGER && most !== Number.MAX_VALUE
  return `a ${whole ? 'whole number' : 'number'} ${bounded ? `from ${least} to ${most}` : `of ${least} or more`}`
}
