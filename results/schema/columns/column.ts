/** What is said of a column. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean'
  /** `B`, `ms`, `bit/s`, `0 to 1`; absent for counts and texts. */
  readonly unit?: string
  /** The values it can take, when they are few. */
  readonly values?: readonly string[]
  /** Never empty. */
  readonly required?: true
  /** What an empty cell means, where that is one of the values. */
  readonly whenEmpty?: string
  readonly meaning: string
}
