/** Describes a column. */
export interface Column {
  readonly name: string
  /** Its head in tables. One that has it tells cases apart. */
  readonly title?: string
  /** What stands there where it is empty; `default` where absent. */
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
  /** Of a text: a moment, as `Date.toISOString` writes it. Texts of moments sort as these do. */
  readonly format?: 'moment'
  /** The values it can take, when they are few. */
  readonly values?: readonly string[]
  /** Never empty. */
  readonly required?: true
  /** Other columns say the same less exactly: a file of an older version without it lacks nothing. */
  readonly derivable?: true
  /** What an empty cell means, where that is one of the values. */
  readonly whenEmpty?: string
  readonly meaning: string
}
