/** The names by which a person may call a column. */
import { quoted } from '../../base/foreign-text.ts'
import { nearest } from '../../base/nearest.ts'
import { CELL_FIELDS, titleOfField } from '../schema/cells.ts'
import { COLUMNS, type ColumnName } from '../schema/columns.ts'

/**
 * The column of this name, whether written with `-`, `_` or a blank, in small letters or large: its own name, its title in a table, or its
 * name without the unit. A full name wins, unless `cellsOnly` and the title is that of a cell's field: `congestion` is then
 * what was asked for, since a cell knows no other.
 */
export function columnByName(name: string, cellsOnly: boolean): ColumnName | undefined {
  const key = normal(name)
  return cellsOnly
    ? (TITLES.get(key) ?? FULL.get(key) ?? SHORT.get(key))
    : (FULL.get(key) ?? TITLES.get(key) ?? SHORT.get(key))
}

/** What can be written, for suggestions. */
export function namesOfColumns(cellsOnly: boolean): readonly string[] {
  const names = cellsOnly ? TITLES.keys() : new Set([...TITLES.keys(), ...FULL.keys(), ...SHORT.keys()])
  return [...names]
}

/** `there is no column "los"; did you mean loss?` */
export function noColumn(name: string, cellsOnly: boolean): string {
  const near = nearest(name, namesOfColumns(cellsOnly))
  const help = near === undefined ? 'docs/columns.md lists the columns' : `did you mean ${near}?`
  return `there is no column ${quoted(name)}; ${help}`
}

const normal = (name: string) => name.toLowerCase().replaceAll(/[-\s]/g, '_')

const FULL: ReadonlyMap<string, ColumnName> = new Map(COLUMNS.map(({ name }) => [normal(name), name]))
const TITLES: ReadonlyMap<string, ColumnName> = new Map(
  CELL_FIELDS.map(field => [normal(titleOfField(field)), field]),
)
/** `goodput`, `loss`, `tcp_rtt`: without the unit, where that is one column alone. */
const SHORT: ReadonlyMap<string, ColumnName> = (() => {
  const short = new Map<string, ColumnName>()
  const names = COLUMNS.map(({ name }) => ({ name, key: name.replace(/_(?:bytes|bps|ms|ratio)$/, '') }))
  for (const { name, key } of names) {
    if (key !== name && names.filter(each => each.key === key).length === 1) short.set(key, name)
  }
  return short
})()
