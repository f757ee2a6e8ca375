/** What is asked of a case, as columns of its rows. Pure. */
import type { TrialRecord } from '../results/schema/columns.ts'
import { ENDLESS_BYTES } from '../transports/contract/transport.ts'
import type { Case } from './plan.ts'
import { ROWS, type Row, type SettingName } from './settings/rows.ts'
import type { SETTINGS } from './settings/settings.ts'

type Table = typeof SETTINGS
type Column = {
  [Name in SettingName]: Table[Name] extends {
    value: { scope: 'case' | 'scenario' }
    stored: { column: infer Name }
  }
    ? Name
    : never
}[SettingName]
/** A column for each setting of a case. */
export type AskedColumns = { readonly [Name in Column]: TrialRecord[Name] }

type Asked = Pick<Case, 'transport' | 'sizeBytes' | 'chunkBytes' | 'socket' | 'ipFamily' | 'seed'> & {
  readonly [Name in keyof Case]?: Case[Name] | undefined
}

/** A setting that the case does not ask for is undefined, or the default; the size of a stream is undefined. */
export function askedColumns(each: Asked): AskedColumns {
  const columns = ROWS.flatMap(([, row]) => {
    const { column, scope, initial, grammar } = row
    if (column === undefined || scope === 'command') return []
    const value = valueIn(each, row) ?? (row.case && initial && grammar.parse(initial))
    if (value === ENDLESS_BYTES) return []
    return [[column, typeof value === 'object' ? grammar.format(value) : value]]
  })
  // Each column has the type of its setting.
  return Object.fromEntries(columns) as AskedColumns
}

function valueIn(each: Asked, { case: key, option }: Row): unknown {
  const { socket } = each
  if (option === undefined) return key && each[key]
  if (typeof option === 'string') return socket[option]
  const words = option.filter(name => socket[name])
  return words.length > 0 ? words : undefined
}
