/** Turns values back into text, as in flags and in a scenario file. */
import type { SettingName, Values } from './settings.ts'
import { ROWS, type Row } from './settings.ts'

/** `64k,1M`: the value of a setting as its flag takes it. */
export function textOf({ grammar, many }: Row, value: unknown): string {
  return many && Array.isArray(value)
    ? value.map(each => grammar.format(each)).join(',')
    : grammar.format(value)
}

/** `['--size', '64k,1M', '--no-nodelay']` */
export function wordsOf(values: Values): string[] {
  return written(values).flatMap(([name, row, value]) => {
    if (typeof value === 'boolean') return [value ? `--${name}` : `--no-${name}`]
    if (row.many === 'repeated' && Array.isArray(value))
      return value.flatMap(each => [`--${name}`, row.grammar.format(each)])
    return [`--${name}`, textOf(row, value)]
  })
}

/** `{ size: ['64k', '1M'], nodelay: false }`: the keys of a scenario file. */
export function keysOf(values: Values): Readonly<Record<string, unknown>> {
  const keys = written(values).map(([name, { grammar, many }, value]) => {
    const one = (each: unknown) => {
      if (typeof each === 'boolean') return each
      const text = grammar.format(each)
      return grammar.schema.type === 'integer' ? Number(text) : text
    }
    return [name, many && Array.isArray(value) ? value.map(one) : one(value)] as const
  })
  return Object.fromEntries(keys)
}

function written(values: Values): (readonly [SettingName, Row, unknown])[] {
  return ROWS.map(([name, row]) => [name, row, values[row.field]] as const).filter(
    ([, , value]) => value !== undefined,
  )
}
