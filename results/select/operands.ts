/** Makes a test of values from a condition: its operands are read by the type and unit of the column. */
import { errorMessage, UsageError } from '../../base/errors.ts'
import { globOf } from '../../base/glob.ts'
import { natural } from '../../base/groups.ts'
import { nearest } from '../../base/nearest.ts'
import { parseBytes, parseDuration, parseRate } from '../../base/units.ts'
import type { Column, ColumnName } from '../schema/columns.ts'
import { columnOf } from '../schema/columns.ts'
import { isInRange } from '../schema/range.ts'
import type { Value } from '../schema/value.ts'
import type { Operand, Operator, Part } from './parts.ts'

/** @throws UsageError that names the condition, if an operand is not a value of the column */
export function testOf(name: ColumnName, part: Part): (value: Value) => boolean {
  const column = columnOf(name)
  const { operator, operands } = part
  try {
    if (operator === '=' || operator === '!=') {
      const tests = operands.map(operand => equalityOf(column, operand))
      const holds = operator === '='
      return value => tests.some(test => test(value)) === holds
    }
    const [operand, ...others] = operands
    if (!operand || others.length > 0) throw new UsageError(`${operator} takes one value`)
    return orderOf(column, operator, operand)
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    throw new UsageError(`condition ${part.text}: ${errorMessage(thrown)}`, { cause: thrown })
  }
}

function equalityOf(column: Column, operand: Operand): (value: Value) => boolean {
  if (!operand.quoted && operand.text === 'none') return value => value === undefined
  if (!operand.quoted && operand.text === '*') return value => value !== undefined
  if (column.type !== 'string') {
    const wanted = column.type === 'boolean' ? booleanOf(operand.text) : numberOf(column, operand.text)
    // A switch that was not requested is off, as tables show it.
    const unset = wanted === false && column.title !== undefined
    return value => value === wanted || (unset && value === undefined)
  }
  if (!operand.quoted && operand.text.includes('*')) {
    const pattern = globOf(operand.text)
    if (column.values && !column.values.some(value => pattern.test(value))) throw noneOf(column, operand.text)
    return value => typeof value === 'string' && pattern.test(value)
  }
  if (column.values && !column.values.includes(operand.text)) throw noneOf(column, operand.text)
  return value => value === operand.text
}

function orderOf(column: Column, operator: Operator, operand: Operand): (value: Value) => boolean {
  if (column.type === 'boolean') throw new UsageError(`${column.name} is true or false; use = or !=`)
  const holds = ORDERS[operator]
  if (column.type === 'string') {
    return value => typeof value === 'string' && holds(natural(value, operand.text))
  }
  const bound = numberOf(column, operand.text)
  return value => typeof value === 'number' && holds(value - bound)
}

/** Whether an operator holds, by how much the left value is larger. */
export const ORDERS: Readonly<Record<Operator, (difference: number) => boolean>> = {
  '=': difference => difference === 0,
  '!=': difference => difference !== 0,
  '<': difference => difference < 0,
  '<=': difference => difference <= 0,
  '>': difference => difference > 0,
  '>=': difference => difference >= 0,
}

/** A number in the unit of its column, or with a unit of its own. */
function numberOf(column: Column, text: string): number {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : withUnit(column, text)
  if (column.unit === '0 to 1' && !isInRange(column, value))
    throw new UsageError(`not a ratio: ${JSON.stringify(text)}; write it as 0.01 or 1%`)
  return value
}

function withUnit(column: Column, text: string): number {
  switch (column.unit) {
    case 'B':
      return parseBytes(text)
    case 'bit/s':
      return parseRate(text)
    case 'ms':
      return parseTime(text)
    case '0 to 1':
      return parsePercent(text) ?? Number.NaN
    default:
      throw new UsageError(`${column.name} is a number, and ${JSON.stringify(text)} is not`)
  }
}

/** In ms: durations as elsewhere, and microseconds, in which connecting over loopback is measured. */
export function parseTime(text: string): number {
  const [, micros] = /^(\d+(?:\.\d+)?) ?(?:us|µs|μs)$/.exec(text) ?? []
  return micros === undefined ? parseDuration(text) : Number(`${micros}e-3`)
}

/** `0.1%` -> 0.001; undefined if it is not written in per cent. */
export function parsePercent(text: string): number | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?) ?%$/.exec(text) ?? []
  // Shifted as digits: 0.7 / 100 is 0.006999999999999999.
  return percent === undefined ? undefined : Number(`${percent}e-2`)
}

function booleanOf(text: string): boolean {
  const value = BOOLEANS.get(text.toLowerCase())
  if (value === undefined) throw new UsageError(`neither true nor false: ${JSON.stringify(text)}`)
  return value
}

/** Tables show on and off. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['off', false],
  ['no', false],
])

function noneOf(column: Column, text: string): UsageError {
  const values = column.values ?? []
  const near = nearest(text, values)
  return new UsageError(
    `${column.name} is never ${JSON.stringify(text)}; ${near === undefined ? `it is one of ${values.join(', ')}` : `did you mean ${near}?`}`,
  )
}
