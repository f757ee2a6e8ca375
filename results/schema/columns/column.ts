/** Describes a column; its name is its key in a table of columns. */
export interface ColumnFacts {
  /** Its head in tables. One that has it tells cases apart. */
  readonly title?: string
  /** What an empty cell is called, where it is a value like others; `default` in a column with a title that lacks it. */
  readonly unset?: string
  /**
   * What it says about a trial: which one it is, what was requested, what the system granted, what was measured, or where it ran. Of what was
   * measured only texts and booleans group trials.
   */
  readonly role: 'identity' | 'asked' | 'given' | 'measured' | 'environment'
  /** The end that it describes, if both have such a column. */
  readonly end?: 'sender' | 'receiver'
  /** Each trial has its own: it groups nothing. */
  readonly perTrial?: true
  readonly type: 'string' | 'integer' | 'number' | 'boolean'
  /** `B`, `ms`, `bit/s`, `0 to 1`; absent for counts and texts. */
  readonly unit?: string
  /** Of a number: the least and the most that it can be; from 0 on where absent. */
  readonly least?: number
  readonly most?: number
  /** Of a number: the values it can take, when they are few. */
  readonly numbers?: readonly number[]
  /**
   * Of a text: a moment, as `Date.toISOString` writes it (texts of moments sort as these do); or a distribution, as `Latencies.encoded`
   * writes it.
   */
  readonly format?: 'moment' | 'latencies'
  /** The values it can take, when they are few. */
  readonly values?: readonly string[]
  /** Never empty. */
  readonly required?: true
  /** Other columns say the same less exactly: a file of an older version without it lacks nothing. */
  readonly derivable?: true
  /** Of a switch: how it is set when nobody asks, where that is written and not left empty. */
  readonly usual?: boolean
  /** What an empty cell means, where that is one of the values. */
  readonly whenEmpty?: string
  /**
   * What a trial of several flows has of it (see `overOf` for what is usual): the sum, the mean, the largest or the smallest of its flows’;
   * that of the first flow, or of the one that ended worst; distributions added up; a ratio of what it has in two other columns; or nothing.
   */
  readonly over?: Over
  readonly meaning: string
}

export type Over =
  | ('sum' | 'mean' | 'most' | 'least' | 'first' | 'worst' | 'merged' | 'none')
  | { readonly part: string; readonly of: string }

/** The type of a column's values. */
export type ValueOf<C extends ColumnFacts> = C extends { values: readonly (infer V)[] }
  ? V
  : C extends { type: 'string' }
    ? string
    : C extends { type: 'boolean' }
      ? boolean
      : number

/** What a column holds. */
export const TEXT = { type: 'string' } as const
export const SWITCH = { type: 'boolean' } as const
export const COUNT = { type: 'integer' } as const
export const BYTES = { type: 'integer', unit: 'B' } as const
export const MS = { type: 'number', unit: 'ms' } as const
export const BITS_PER_SECOND = { type: 'number', unit: 'bit/s' } as const
/** From 0 to 1. */
export const SHARE = { type: 'number', unit: '0 to 1' } as const
export const PER_CALL = { type: 'number', unit: 'a call' } as const
export const CPUS = { type: 'number', unit: 'CPUs' } as const
export const TASKS = { type: 'number', unit: 'tasks' } as const

/** Columns of each role. */
export const identity = ofRole('identity')
export const asked = ofRole('asked')
export const given = ofRole('given')
export const measured = ofRole('measured')
export const environment = ofRole('environment')

type Held = Omit<ColumnFacts, 'role' | 'meaning'>

function ofRole(role: ColumnFacts['role']) {
  return <const What extends Held>(what: What, meaning: string) => ({ role, ...what, meaning })
}

/** The columns that each end has of its own: `host` of the sender is `sender_host`. */
export function ofEnd<
  End extends 'sender' | 'receiver',
  Columns extends Readonly<Record<string, ColumnFacts>>,
>(end: End, columns: Columns) {
  const named = Object.entries(columns).map(([name, column]) => [`${end}_${name}`, { ...column, end }])
  // The names are made as their type says.
  return Object.fromEntries(named) as {
    readonly [Name in keyof Columns & string as `${End}_${Name}`]: Columns[Name] & { readonly end: End }
  }
}
