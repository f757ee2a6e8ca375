/** The tables of a store: their columns with types of DuckDB, and the texts of their rows. */
import type { Dictionary } from '../read/dictionary.ts'
import type { Row } from '../read/row.ts'
import { CELL_FIELDS } from '../schema/cells.ts'
import type { ColumnFacts } from '../schema/columns/column.ts'
import { COLUMNS, type Column } from '../schema/columns.ts'
import { INTERVAL_COLUMNS, type IntervalRecord } from '../schema/intervals.ts'
import type { Value } from '../schema/value.ts'

export interface Table {
  readonly name: 'trials' | 'intervals'
  readonly columns: readonly NamedColumn[]
  /** What no two rows have in common. */
  readonly key: readonly string[]
}
type NamedColumn = ColumnFacts & { readonly name: string }

const KEY = ['run_id', 'round', 'trial', 'flow']
export const TRIALS: Table = { name: 'trials', columns: COLUMNS, key: [...KEY, ...CELL_FIELDS] }
export const INTERVALS: Table = {
  name: 'intervals',
  columns: INTERVAL_COLUMNS,
  key: [...KEY, 'direction', 'interval'],
}

/** A column's type in DuckDB; of what the column table does not know it is a text. */
export function typeOf({ type, format }: Pick<ColumnFacts, 'type' | 'format'>): string {
  if (format === 'moment') return 'TIMESTAMP'
  return TYPES[type]
}

const TYPES = { string: 'VARCHAR', integer: 'BIGINT', number: 'DOUBLE', boolean: 'BOOLEAN' } as const

/** A text, and a name, in SQL. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`

/** A field of the CSV that DuckDB is given: a text is always in quotes, so that an empty field is an empty value. */
export function csvField(value: Value): string {
  if (value === undefined) return ''
  return typeof value === 'string'
    ? `"${value.replaceAll('"', '""').replaceAll('\0', '\ufffd')}"`
    : String(value)
}

/** The fields of rows, in the order of the column table. Most are values that rows before had, too, whose texts are kept. */
export class RowFields {
  readonly #field: (value: Value) => string
  #row: Row | undefined
  #steps: readonly Step[] = []

  constructor(field: (value: Value) => string) {
    this.#field = field
  }

  of(row: Row): readonly string[] {
    if (this.#row !== row) this.#steps = COLUMNS.map(column => stepOf(row, column))
    this.#row = row
    const [field, empty] = [this.#field, this.#field(undefined)]
    const { numbers, codes } = row
    return this.#steps.map(step => {
      if (step.dictionary === undefined) {
        const value = numbers[step.slot] ?? Number.NaN
        if (Number.isNaN(value)) return step.slot < 0 ? field(row.startedAt()) : empty
        return field(step.isSwitch ? value === 1 : value)
      }
      const { dictionary, texts } = step
      if (dictionary.age !== step.age) texts.length = 0
      step.age = dictionary.age
      const code = codes[step.slot] ?? 0
      const known = texts[code]
      if (known !== undefined) return known
      const text = field(dictionary.values[code])
      texts[code] = text
      return text
    })
  }
}

interface Step {
  /** Undefined for a number, and for when the trial began, which has no slot. */
  readonly dictionary: Dictionary | undefined
  readonly slot: number
  readonly isSwitch: boolean
  /** By code. */
  readonly texts: string[]
  age: number
}

function stepOf(row: Row, { name, type }: Column): Step {
  const place = name === 'started_at' ? -1 : row.place(name)
  const isSwitch = type === 'boolean'
  return typeof place === 'number'
    ? { dictionary: undefined, slot: place, isSwitch, texts: [], age: 0 }
    : { dictionary: place, slot: place.slot, isSwitch, texts: [], age: place.age }
}

export function intervalFields(record: IntervalRecord, field: (value: Value) => string): readonly string[] {
  return INTERVAL_COLUMNS.map(({ name }) => field(record[name]))
}
