/** Which field of a CSV is which column, and how a row is set from its fields. */

import { type Column, type ColumnName, columnOf, isColumnName } from '../schema/columns.ts'
import { unguardFormula } from '../schema/formula.ts'
import { type Range, rangeOf } from '../schema/range.ts'
import { isMoment, Unusable, valueOfText } from '../schema/value.ts'
import type { CsvTable } from './csv-reader.ts'
import { fieldText } from './csv-scanner.ts'
import { decimal } from './decimal.ts'
import type { Dictionary } from './dictionary.ts'
import { EMPTY, type Row } from './row.ts'

const STARTED_AT = columnOf('started_at')

export interface Header {
  readonly width: number
  /** By column: the number of its field; the first one if there are several. */
  readonly fields: ReadonlyMap<ColumnName, number>
  /** Names of unknown columns, without empty ones. */
  readonly unknown: readonly string[]
  /** The number of the field of each. */
  readonly others: ReadonlyMap<string, number>
  /** Columns that appear more than once. */
  readonly repeated: readonly ColumnName[]
}

export function headerOf(names: readonly string[]): Header {
  const fields = new Map<ColumnName, number>()
  const others = new Map<string, number>()
  const repeated = new Set<ColumnName>()
  for (const [index, name] of names.entries()) {
    if (!isColumnName(name)) others.set(name, index)
    else if (fields.has(name)) repeated.add(name)
    else fields.set(name, index)
  }
  others.delete('')
  return { width: names.length, fields, unknown: [...others.keys()], others, repeated: [...repeated] }
}

export class CsvLayout implements CsvTable {
  readonly width: number
  readonly numberIsLast: boolean
  readonly useless: string | undefined
  readonly #row: Row
  readonly #coded: readonly CodedStep[]
  readonly #numbers: readonly NumberStep[]
  readonly #startedAt: number
  #bytes: Buffer = Buffer.alloc(0)
  #bounds: Int32Array = new Int32Array(2)

  readonly #mark: '.' | ','

  /** @param useless why rows below this header cannot be used @param mark of decimals */
  constructor(header: Header, row: Row, useless: string | undefined, mark: '.' | ',' = '.') {
    this.#mark = mark
    this.width = header.width
    this.useless = useless
    this.#row = row
    row.clear()
    const coded: CodedStep[] = []
    const numbers: NumberStep[] = []
    for (const column of row.columns) {
      const field = header.fields.get(column.name)
      const place = row.placeIfAny(column.name)
      if (field === undefined || place === undefined) continue
      if (typeof place !== 'number') coded.push({ column, field, dictionary: place })
      else numbers.push({ column, field, slot: place, needed: row.isFilled(column.name), ...rangeOf(column) })
    }
    this.#coded = coded
    this.#numbers = numbers
    this.numberIsLast = this.#numbers.some(({ field }) => field === header.width - 1)
    this.#startedAt = header.fields.get('started_at') ?? -1
    row.startedAt = () => unguardFormula(this.text(this.#startedAt))
    if (header.others.size > 0) row.others = () => this.#others(header.others)
  }

  #others(fields: ReadonlyMap<string, number>): ReadonlyMap<string, string> {
    const texts = [...fields].map(([name, field]) => [name, unguardFormula(this.text(field))] as const)
    return new Map(texts.filter(([, text]) => text !== ''))
  }

  /** The text of a field of the row that was set last. */
  text(field: number): string {
    return fieldText(this.#bytes, (this.#bounds[field] ?? 0) + 1, this.#bounds[field + 1] ?? 0)
  }

  set(bytes: Buffer, bounds: Int32Array): string | undefined {
    this.#bytes = bytes
    this.#bounds = bounds
    const bad = this.#setCodes(bytes, bounds)
    if (bad) return this.#reason(bad)
    for (const step of this.#numbers) {
      const reason = this.#setNumber(step, bytes, (bounds[step.field] ?? 0) + 1, bounds[step.field + 1] ?? 0)
      if (reason !== undefined) return `column ${step.column.name}: ${reason}`
    }
    const unstarted = this.#startedAt < 0 ? undefined : this.#checkStartedAt(this.text(this.#startedAt))
    return unstarted ?? this.#row.contradiction()
  }

  #checkStartedAt(text: string): string | undefined {
    if (isMoment(text)) return undefined
    const value = valueOfText(STARTED_AT, text)
    if (value === undefined) return `column started_at: ${EMPTY}`
    return value instanceof Unusable ? `column started_at: ${value.reason}` : undefined
  }

  /** Returns the step whose field makes the row unusable. */
  #setCodes(bytes: Buffer, bounds: Int32Array): CodedStep | undefined {
    const { codes } = this.#row
    for (const step of this.#coded) {
      const start = (bounds[step.field] ?? 0) + 1
      const end = bounds[step.field + 1] ?? 0
      // Most cells are empty: TCP and UDP trials have different columns.
      const code = start === end ? step.dictionary.empty : step.dictionary.codeOfBytes(bytes, start, end)
      if (code < 0) return step
      codes[step.dictionary.slot] = code
    }
    return undefined
  }

  #setNumber(step: NumberStep, bytes: Buffer, start: number, end: number): string | undefined {
    const { numbers } = this.#row
    if (start === end) {
      if (step.needed) return EMPTY
      numbers[step.slot] = Number.NaN
      return undefined
    }
    const value = decimal(bytes, start, end, this.#mark.charCodeAt(0))
    if (
      value >= step.least &&
      value <= step.most &&
      !step.only &&
      !(step.whole && !Number.isInteger(value))
    ) {
      numbers[step.slot] = value
      return undefined
    }
    return this.#row.put(step.column, valueOfText(step.column, fieldText(bytes, start, end), this.#mark))
  }

  #reason({ column, field }: Step): string {
    return `column ${column.name}: ${this.#row.put(column, valueOfText(column, this.text(field))) ?? EMPTY}`
  }
}

interface Step {
  readonly column: Column
  readonly field: number
}

interface CodedStep extends Step {
  readonly dictionary: Dictionary
}

interface NumberStep extends Step, Range {
  readonly slot: number
  readonly needed: boolean
}
