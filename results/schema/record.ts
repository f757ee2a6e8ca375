/** The schema of a record, made from the column table: input from files and pipes is parsed by it, never cast. */

import * as z from 'zod'
import { UsageError } from '../../base/errors.ts'
import { Latencies } from '../../base/latencies.ts'
import { CELL_FIELDS } from './cells.ts'
import type { ColumnFacts } from './columns/column.ts'
import { COLUMNS, type Column, type ColumnName, type TrialRecord } from './columns.ts'
import { type Range, rangeOf } from './range.ts'
import { isMoment, MOMENT } from './value.ts'

type Shape = { readonly [Name in ColumnName]: z.ZodType<TrialRecord[Name]> }

/** One trial. Keys that it does not know are dropped, so that a newer file can be read. */
export const recordSchema = z.object(
  Object.fromEntries(COLUMNS.map(column => [column.name, field(column)])) as Shape,
)

/** Its cell. */
export const cellSchema = z.object(
  Object.fromEntries(CELL_FIELDS.map(field => [field, recordSchema.shape[field]])),
)

/** @throws UsageError that names the first invalid column if `value` is not a record */
export function parseRecord(value: unknown): TrialRecord {
  const parsed = recordSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue?.path.length ? `column ${issue.path.join('.')}: ` : ''
  throw new UsageError(
    `not a record of a trial: ${where}${issue?.message ?? 'unreadable'}; see docs/columns.md`,
  )
}

/**
 * The record as it is written: ms to the nanosecond, rates to a thousandth of a bit/s, ratios to nine decimals. What a
 * clock or a division adds behind that is noise. Doing it twice changes nothing.
 */
export function rounded(record: TrialRecord): Readonly<Partial<Record<ColumnName, unknown>>> {
  return roundedTo(COLUMNS, record)
}

/** The same by another table of columns. */
export function roundedTo<Name extends string>(
  columns: readonly (ColumnFacts & { readonly name: Name })[],
  record: { readonly [Column in Name]?: unknown },
): Readonly<Partial<Record<Name, unknown>>> {
  const values = columns.map(column => [column.name, roundedValue(column, record[column.name])] as const)
  // Each column's own value.
  return Object.fromEntries(values) as Partial<Record<Name, unknown>>
}

const DECIMALS: Readonly<Record<string, number>> = {
  ms: 6,
  'bit/s': 3,
  'per minute': 3,
  'per second': 6,
  '0 to 1': 9,
  'a call': 3,
  CPUs: 3,
  tasks: 3,
}

function roundedValue(column: ColumnFacts, value: unknown): unknown {
  if (typeof value !== 'number') return value
  // "+ 0" turns a negative zero into 0.
  return Number(value.toFixed(decimalsOf(column))) + 0
}

/** A number without a unit is a ratio, unless it counts something. */
function decimalsOf({ type, unit = type === 'number' ? '0 to 1' : '' }: ColumnFacts): number {
  return DECIMALS[unit] ?? 0
}

function field(column: Column): z.ZodType {
  const type = column.values ? z.enum(column.values) : plainType(column)
  const described = type.describe(column.unit ? `${column.meaning} Unit: ${column.unit}.` : column.meaning)
  return column.required ? described : described.optional()
}

function plainType(column: Column): z.ZodType {
  switch (column.type) {
    case 'string':
      if (column.format === 'latencies')
        return z.string().refine(Latencies.isEncoded, 'not a histogram of latencies')
      return column.format === 'moment'
        ? z.string().regex(MOMENT).refine(isMoment, 'not a day that exists')
        : z.string()
    case 'boolean':
      return z.boolean()
    case 'integer':
    case 'number':
      return numberIn(rangeOf(column))
  }
}

function numberIn({ whole, least, most, only }: Range): z.ZodType {
  if (only) return z.literal([...only])
  const number = (whole ? z.int() : z.number()).min(least)
  return most === Number.MAX_SAFE_INTEGER || most === Number.MAX_VALUE ? number : number.max(most)
}
