/** The table of settings for code that treats all rows alike: their types, grammars and values. */
import { UsageError } from '../../base/errors.ts'
import { globOf } from '../../base/glob.ts'
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

/** The grammar of a setting; that of a name accepts the `names` that exist, and gives a list where one word stands for several. */
export function grammarOf(
  { grammar, known, many }: Pick<Row, 'grammar' | 'known' | 'many'>,
  names: Known,
): Grammar<unknown> {
  if (known === undefined) return grammar
  if (known === 'engines') return oneOf(['auto', ...names.engines])
  const what = known.slice(0, -1)
  if (many === 'list') {
    const parse = (text: string) => {
      const [one, ...others] = namesMeant(text, what, names[known])
      return others.length > 0 ? [one, ...others] : one
    }
    return { ...grammar, parse }
  }
  const parse = (text: string) => {
    const value = grammar.parse(text)
    const name = text.split(',', 1)[0]?.trim() ?? ''
    if (!names[known].includes(name)) throw unknownName(`unknown ${what}`, name, names[known])
    return value
  }
  return { ...grammar, parse }
}

/** The names that a word stands for: itself, or all that match `udp-*`, which is also written `udp`. @throws UsageError if there is none */
export function namesMeant(
  word: string,
  what: string,
  names: readonly string[],
  flag = '',
): readonly string[] {
  if (names.includes(word)) return [word]
  const pattern = globOf(word.includes('*') ? word : `${word}-*`)
  const meant = word === '' ? [] : names.filter(each => pattern.test(each))
  if (meant.length === 0) throw unknownName(`${flag}unknown ${what}`, word, names)
  return meant
}

function unknownName(what: string, name: string, names: readonly string[]): UsageError {
  return new UsageError(`${what} ${JSON.stringify(name)}${suggestion(name, names)}`)
}

/** `64k,1M`: the value of a setting as its flag takes it. */
export function textOf({ grammar, many }: Row, value: unknown): string {
  return many && Array.isArray(value)
    ? value.map(each => grammar.format(each)).join(',')
    : grammar.format(value)
}
