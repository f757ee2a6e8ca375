/** THE column table: names, order, types and meaning of every column. The CSV, the JSON Schema and docs/columns.md follow from it. */
import type { Column } from './columns/column.ts'
import { COUNT_COLUMNS } from './columns/counts.ts'
import { ENVIRONMENT_COLUMNS } from './columns/environment.ts'
import { SOCKET_COLUMNS } from './columns/sockets.ts'
import { THREAD_COLUMNS } from './columns/threads.ts'
import { TIME_COLUMNS } from './columns/times.ts'
import { TRIAL_COLUMNS } from './columns/trial.ts'

export type { Column } from './columns/column.ts'

export const COLUMNS = [
  ...TRIAL_COLUMNS,
  ...COUNT_COLUMNS,
  ...TIME_COLUMNS,
  ...THREAD_COLUMNS,
  ...SOCKET_COLUMNS,
  ...ENVIRONMENT_COLUMNS,
] as const satisfies readonly Column[]

type Row = (typeof COLUMNS)[number]
export type ColumnName = Row['name']

type Value<C extends Column> = C extends { values: readonly (infer V)[] }
  ? V
  : C extends { type: 'string' }
    ? string
    : C extends { type: 'boolean' }
      ? boolean
      : number

/** One trial: a key for each column, undefined where unknown. */
export type TrialRecord = {
  readonly [C in Row as C extends { required: true } ? C['name'] : never]: Value<C>
} & {
  readonly [C in Row as C extends { required: true } ? never : C['name']]?: Value<C> | undefined
}

const BY_NAME: ReadonlyMap<string, Column> = new Map(COLUMNS.map(column => [column.name, column]))

/** The end that a column is about, where both have such a column. */
export function endOf(name: ColumnName): Column['end'] {
  return BY_NAME.get(name)?.end
}

/** The unit of a column. */
export function unitOf(name: ColumnName): Column['unit'] {
  return BY_NAME.get(name)?.unit
}
