/** The table of settings for code that treats all rows alike: their types, grammars and values. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { type Grammar, oneOf } from './grammar.ts'
import type { AnySetting, Known, Setting } from './setting.ts'
import { SETTINGS } from './settings.ts'

type Table = typeof SETTINGS
export type SettingName = keyof Table
type One<Name extends SettingName> =
  Table[Name]['value']['grammar'] extends Grammar<infer Value> ? Value : never
export type ValueOf<Name extends SettingName> = Table[Name]['value'] extends { many: string }
  ? readonly One<Name>[]
  : One<Name>

type Scopes = Setting['value']['scope']
/** The values of settings, by their fields; undefined if not given. */
export type Values<Scope extends Scopes = Scopes> = {
  readonly [Name in SettingName as Table[Name]['value']['scope'] extends Scope
    ? Table[Name]['value']['field']
    : never]?: ValueOf<Name> | undefined
}

/** A row, for code that treats all rows alike. */
export type Row = AnySetting<keyof Values>

export const ROWS: readonly (readonly [name: SettingName, row: Row])[] = Object.entries<
  Setting & { readonly value: Pick<Row, 'field'> }
>(SETTINGS).map(([name, { value, stored, ...described }]) => [
  name as SettingName,
  { ...described, ...stored, ...value },
])

/** The grammar of a setting; that of a name accepts the `names` that exist. */
export function grammarOf(
  { grammar, known }: Pick<Row, 'grammar' | 'known'>,
  names: Known,
): Grammar<unknown> {
  if (known === undefined) return grammar
  if (known === 'engines') return oneOf(['auto', ...names.engines])
  const parse = (text: string) => {
    const value = grammar.parse(text)
    const name = text.split(',', 1)[0]?.trim() ?? ''
    if (names[known].includes(name)) return value
    const what = known.slice(0, -1)
    throw new UsageError(`unknown ${what} ${JSON.stringify(name)}${suggestion(name, names[known])}`)
  }
  return { ...grammar, parse }
}

/** `64k,1M`: the value of a setting as its flag takes it. */
export function textOf({ grammar, many }: Row, value: unknown): string {
  return many && Array.isArray(value)
    ? value.map(each => grammar.format(each)).join(',')
    : grammar.format(value)
}
