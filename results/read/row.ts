/** The current row: its requested columns as codes and numbers, which the next row overwrites. */
import { CELL_FIELDS, type Cell } from '../schema/cells.ts'
import { COLUMNS, type Column, type ColumnName, columnOf, ENVIRONMENT } from '../schema/columns.ts'
import { partsOf } from '../schema/fold.ts'
import { Unusable, type Value } from '../schema/value.ts'
import type { Selector } from '../select/selector.ts'
import { Dictionary } from './dictionary.ts'

/** What is requested of every row beside what a CellTrials always holds. */
export interface Wanted {
  /** Rows must be whole records without any error. */
  readonly whole?: boolean
  /** Numeric and boolean columns. */
  readonly numbers: readonly ColumnName[]
  /** Text columns. */
  readonly texts?: readonly ColumnName[]
  /** Only rows that it chooses. */
  readonly filter?: Selector
  /** Rows with each value of this column become a set of their own, what a setting is by default first, the others in the order of files, runs and values. */
  readonly by?: ColumnName
  /** Rows are looked at one by one: measured texts, of which each row has its own, are not kept. */
  readonly oneByOne?: boolean
}

/** The first codes of a row are its cell, the next its environment. */
export const CELL_WIDTH = CELL_FIELDS.length

/** Where a column stands: among the codes, by its dictionary, or in this place of the numbers. */
export type Place = Dictionary | number

/** Distinct texts of a measured column that are kept where rows are looked at one by one. */
const MOST_MEASURED_TEXTS = 10_000

const NO_OTHERS: ReadonlyMap<string, string> = new Map()

/** What a row must have to be used at all. */
const NEEDED: readonly ColumnName[] = [
  'run_id',
  'started_at',
  'round',
  'trial',
  'outcome',
  ...CELL_FIELDS.filter(field => columnOf(field).required),
  // Empty in rows of streams only.
  'size_bytes',
]

export const EMPTY = 'it is empty'

/** The columns of the law of counts, and of what a payload has to be; a row that breaks them does not come from a trial. */
const COUNTS: readonly ColumnName[] = [
  'datagrams_offered',
  'datagrams_accepted',
  'datagrams_refused',
  'datagrams_delivered',
  'datagrams_lost',
  'bytes_delivered',
  'size_bytes',
  'duration_asked_ms',
  'datagrams_resent',
]

/** What a set of trials always holds, beside its cells and environments. */
const ALWAYS: readonly ColumnName[] = ['run_id', 'commit', 'outcome', 'round', 'trial', 'flow', ...COUNTS]

export class Row {
  /** Every column that is read, in the order of the column table. */
  readonly columns: readonly Column[]
  readonly dictionaries: readonly Dictionary[]
  readonly codes: Uint32Array
  /** Booleans are 1 and 0, empty cells NaN. */
  readonly numbers: Float64Array
  /** When the trial began; it differs from row to row, so it is only made when it is asked for. */
  startedAt: () => string = () => ''
  /** Its values in columns that the column table does not have, as texts; without empty ones. */
  others: () => ReadonlyMap<string, string> = () => NO_OTHERS
  readonly wanted: Wanted
  readonly #places: ReadonlyMap<ColumnName, Place>
  readonly #asked: ReadonlySet<ColumnName>
  /** Where COUNTS stand. */
  readonly #counts: readonly Place[]

  constructor(wanted: Wanted) {
    this.wanted = wanted
    const { numbers, texts = [], filter, by } = wanted
    const columnsBy = by === undefined ? [] : [by]
    this.#asked = new Set([...numbers, ...texts, ...(filter?.columns ?? []), ...columnsBy])
    const parts = partsOf(numbers)
    const coded = new Set<ColumnName>([...CELL_FIELDS, ...ENVIRONMENT, ...columnsBy, ...texts])
    const measured = new Set<ColumnName>()
    for (const name of [...ALWAYS, ...this.#asked, ...parts])
      if (name !== 'started_at' && !coded.has(name))
        (/string|boolean/.test(columnOf(name).type) ? coded : measured).add(name)
    for (const name of numbers)
      if (columnOf(name).type === 'string') throw new Error(`${name} is not a numeric column`)
    for (const name of texts)
      if (columnOf(name).type !== 'string') throw new Error(`${name} is not a text column`)
    this.dictionaries = [...coded].map((name, slot) => {
      const [needed, tolerant] = [this.isFilled(name), this.tolerates(name)]
      const most = wanted.oneByOne && columnOf(name).role === 'measured' ? MOST_MEASURED_TEXTS : undefined
      return new Dictionary(columnOf(name), { slot, needed, tolerant, most })
    })
    this.#places = new Map<ColumnName, Place>([
      ...this.dictionaries.map(each => [each.column.name, each] as const),
      ...[...measured].map((name, slot) => [name, slot] as const),
    ])
    this.#counts = COUNTS.map(name => this.place(name))
    this.columns = COLUMNS.filter(({ name }) => name === 'started_at' || this.#places.has(name))
    this.codes = new Uint32Array(coded.size)
    this.numbers = new Float64Array(measured.size)
  }

  /** Whether a row without it cannot be used. */
  needs(column: ColumnName): boolean {
    return NEEDED.includes(column) || (this.wanted.whole === true && columnOf(column).required === true)
  }

  /** Whether every row has a value of it. */
  isFilled(column: ColumnName): boolean {
    return this.needs(column) && column !== 'size_bytes'
  }

  /** Whether an invalid value of it counts as empty: where a trial ran does not decide whether it is used. */
  tolerates(column: ColumnName): boolean {
    return ENVIRONMENT.includes(column) && !this.#asked.has(column)
  }

  /** Empties all cells, for the columns that a file lacks. */
  clear(): void {
    this.others = () => NO_OTHERS
    this.codes.fill(0)
    this.numbers.fill(Number.NaN)
  }

  /** Stores a cell; returns why it makes the row unusable, or undefined. */
  put(column: Column, value: Value | Unusable): string | undefined {
    if (value instanceof Unusable) {
      if (!this.tolerates(column.name)) return value.reason
      this.set(column.name, undefined)
    } else if (value === undefined && this.isFilled(column.name)) return EMPTY
    else this.set(column.name, value)
    return undefined
  }

  /** How the counts of this row contradict each other, if they do; those of a failed trial may be from different moments. */
  contradiction(): string | undefined {
    const [offered, accepted, refused] = [this.#count(0), this.#count(1), this.#count(2)]
    const [delivered, lost] = [this.#count(3), this.#count(4)]
    const [bytes, size, duration] = [this.#count(5), this.#count(6), this.#count(7)]
    if (Number.isNaN(size) && Number.isNaN(duration)) return `column size_bytes: ${EMPTY}`
    // An empty cell is NaN, and contradicts nothing.
    const taken = offered - accepted - refused
    const left = accepted - delivered - lost
    if (taken === 0 && left === 0 && lost === 0 && refused === 0 && !(bytes > size)) return undefined
    const outcome = this.value('outcome')
    if (outcome === 'failed' || outcome === 'timed-out') return undefined
    if (bytes > size) return `${bytes} B delivered are more than the ${size} B of the payload`
    if (taken < 0 || taken > 0)
      return `${accepted} datagrams accepted and ${refused} refused are not the ${offered} offered`
    if (left < 0 || left > 0)
      return `${delivered} datagrams delivered and ${lost} lost are not the ${accepted} accepted`
    if (delivered > accepted) return `${delivered} datagrams delivered are more than the ${accepted} accepted`
    // What was lost, or refused, may have been sent again.
    if (outcome === 'completed' && (lost > 0 || refused > 0) && !(lost + refused <= this.#count(8)))
      return `it is completed, with ${lost > 0 ? lost : refused} datagrams ${lost > 0 ? 'lost' : 'refused'}`
    return undefined
  }

  #count(index: number): number {
    return this.number(this.#counts[index] ?? 0)
  }

  placeIfAny(column: ColumnName): Place | undefined {
    return this.#places.get(column)
  }

  /** @throws Error when the column is not read */
  place(column: ColumnName): Place {
    const place = this.#places.get(column)
    if (place === undefined) throw new Error(`the column ${column} was not asked for`)
    return place
  }

  /** @throws Error when the column is not read as codes */
  dictionary(column: ColumnName): Dictionary {
    const place = this.place(column)
    if (typeof place === 'number') throw new Error(`the column ${column} has no codes`)
    return place
  }

  set(column: ColumnName, value: Value): void {
    if (column === 'started_at') this.startedAt = () => String(value)
    const place = this.#places.get(column)
    if (typeof place === 'number') this.numbers[place] = value === undefined ? Number.NaN : Number(value)
    else if (place) this.codes[place.slot] = place.codeOf(value)
  }

  /** The value of a column that is read. */
  readonly value = (column: ColumnName): Value => {
    if (column === 'started_at') return this.startedAt()
    const place = this.place(column)
    if (typeof place !== 'number') return place.values[this.codes[place.slot] ?? 0]
    const number = this.number(place)
    return Number.isNaN(number) ? undefined : number
  }

  /** A numeric column of this row; NaN where empty. */
  number(place: Place): number {
    if (typeof place === 'number') return this.numbers[place] ?? Number.NaN
    return place.numbers[this.codes[place.slot] ?? 0] ?? Number.NaN
  }

  /** The cell of these codes. */
  cell(codes: Uint32Array | undefined): Cell {
    const values = CELL_FIELDS.map((field, index): [string, Value] => [
      field,
      this.dictionaries[index]?.values[codes?.[index] ?? 0],
    ])
    // Every value was checked by the column table when it came in.
    return Object.fromEntries(values) as Cell
  }
}
