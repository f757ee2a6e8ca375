/** THE column table: names, order, types and meaning of every column. The CSV, the JSON Schema and docs/columns.md follow from it. */
import type { ColumnFacts, ValueOf } from './columns/column.ts'
import { COUNT_COLUMNS } from './columns/counts.ts'
import { ENVIRONMENT_COLUMNS } from './columns/environment.ts'
import { EXCHANGE_COLUMNS } from './columns/exchange.ts'
import { FRAMES_COLUMNS } from './columns/frames.ts'
import { RELAY_COLUMNS } from './columns/relay.ts'
import { RESPONSIVENESS_COLUMNS } from './columns/responsiveness.ts'
import { SOCKET_COLUMNS } from './columns/sockets.ts'
import { THREAD_COLUMNS } from './columns/threads.ts'
import { TIME_COLUMNS } from './columns/times.ts'
import { TRIAL_COLUMNS } from './columns/trial.ts'

const TABLE = {
  ...TRIAL_COLUMNS,
  ...COUNT_COLUMNS,
  ...TIME_COLUMNS,
  ...EXCHANGE_COLUMNS,
  ...FRAMES_COLUMNS,
  ...RESPONSIVENESS_COLUMNS,
  ...THREAD_COLUMNS,
  ...RELAY_COLUMNS,
  ...SOCKET_COLUMNS,
  ...ENVIRONMENT_COLUMNS,
} as const satisfies Readonly<Record<string, ColumnFacts>>

type Table = typeof TABLE
export type ColumnName = keyof Table

export interface Column extends ColumnFacts {
  readonly name: ColumnName
}

/** In the order in which they are written. */
export const COLUMNS: readonly Column[] = Object.entries<ColumnFacts>(TABLE).map(([name, column]) => ({
  ...column,
  name: name as ColumnName,
}))

/** The names of the columns that say where a trial ran. */
export const ENVIRONMENT = Object.keys(ENVIRONMENT_COLUMNS) as readonly ColumnName[]

/** Names of columns that have `Fact`. */
export type NamesWith<Fact> = { [Name in ColumnName]: Table[Name] extends Fact ? Name : never }[ColumnName]
type Required = NamesWith<{ required: true }>

/** One trial: a key for each column, undefined where unknown. */
export type TrialRecord = { readonly [Name in Required]: ValueOf<Table[Name]> } & {
  readonly [Name in Exclude<ColumnName, Required>]?: ValueOf<Table[Name]> | undefined
}

const BY_NAME: ReadonlyMap<string, Column> = new Map(COLUMNS.map(column => [column.name, column]))

/** The column of this name. */
export function columnOf(name: ColumnName): Column {
  const column = BY_NAME.get(name)
  if (!column) throw new Error(`no column ${name}`)
  return column
}

/** Whether the column table has this name. */
export function isColumnName(name: string): name is ColumnName {
  return BY_NAME.has(name)
}
