/** A cell identifies a case: the columns that say what was requested. Trials of one cell are repeats of each other. */
import { harmlessName } from '../../base/foreign-text.ts'
import { groupBy } from '../../base/groups.ts'
import { formatBytes, formatDuration, formatRate, formatSize } from '../../base/units.ts'
import { COLUMNS, type Column, type NamesWith, type TrialRecord } from './columns.ts'

export type CellField = NamesWith<{ title: string }>
export type Cell = Pick<TrialRecord, CellField>

const BY_FIELD: ReadonlyMap<string, Column> = new Map(
  COLUMNS.flatMap(column => (column.title === undefined ? [] : [[column.name, column]])),
)

const FIRST = ['file', 'variant', 'side', 'size_bytes', 'chunk_bytes'] as const
const LAST = ['direction', 'ip_family', 'engine', 'transport'] as const
/** Settings that stand before the others, which are in the order of their columns. */
const LEADING = [
  ...(['payload', 'bind_asked', 'interface_asked', 'rate_bps', 'max_datagram_bytes'] as const),
  ...(['rcvbuf_asked_bytes', 'sndbuf_asked_bytes'] as const),
]

/** Settings that a scenario's variant or a transport brings with it; in the order of CELL_FIELDS. */
export const SETTINGS: readonly CellField[] = [
  ...LEADING,
  ...[...BY_FIELD.values()].flatMap(({ name }) =>
    [...FIRST, ...LEADING, 'verify', ...LAST].includes(name) || !isCellField(name) ? [] : [name],
  ),
  'verify',
]

/** In the order in which tables sort and name them. */
export const CELL_FIELDS: readonly CellField[] = [...FIRST, ...SETTINGS, ...LAST]

/** What a field means that is empty, where that is one of its values. */
const WHEN_EMPTY: Readonly<Partial<Record<CellField, string>>> = Object.fromEntries(
  [...BY_FIELD.values()].flatMap(({ name, whenEmpty }) => (whenEmpty ? [[name, whenEmpty]] : [])),
)

export function isCellField(column: string): column is CellField {
  return BY_FIELD.has(column)
}

export function titleOfField(field: CellField): string {
  return BY_FIELD.get(field)?.title ?? field
}

/** The cell of a trial. A row of a version without a column has what its absence means. */
export function cellOf(record: TrialRecord): Cell {
  const values = CELL_FIELDS.map(field => [field, record[field] ?? WHEN_EMPTY[field]])
  // Each field has its own type of value.
  return Object.fromEntries(values) as Cell
}

/** Settings of a cell worth showing: not those that were not requested, nor defaults. */
export function settingsOf(cell: Cell): readonly CellField[] {
  return SETTINGS.filter(field => !isUsual(cell, field))
}

/** Whether a field was not requested, or has its default. */
export function isUsual(cell: Cell, field: CellField): boolean {
  return cell[field] === undefined || cell[field] === WHEN_EMPTY[field]
}

/** Equal for equal cells, and for them only; of a record that of its cell. */
export function cellKey(cell: Cell): string {
  return JSON.stringify(CELL_FIELDS.map(field => cell[field] ?? WHEN_EMPTY[field] ?? null))
}

/**
 * By variant as in `variants`, by size, chunk, rate … and then by transport, so that those that compare stand together; unset
 * comes first.
 */
export function compareCells(a: Cell, b: Cell, variants: readonly (string | undefined)[]): number {
  for (const field of CELL_FIELDS) {
    const difference =
      field === 'variant'
        ? variants.indexOf(a.variant) - variants.indexOf(b.variant)
        : compareValues(a[field], b[field])
    if (difference !== 0) return difference
  }
  return 0
}

/** Fields with more than one value among `cells`, in the order of CELL_FIELDS. */
export function varyingFields(cells: readonly Cell[]): readonly CellField[] {
  return CELL_FIELDS.filter(field => new Set(cells.map(cell => cell[field])).size > 1)
}

/** Settings that vary, but not among the cells of one variant and transport, whose names imply them. */
export function impliedFields(cells: readonly Cell[]): readonly CellField[] {
  const groups = groupBy(cells, cell => JSON.stringify([cell.variant ?? null, cell.transport]))
  const varying = varyingFields(cells)
  return SETTINGS.filter(
    field =>
      varying.includes(field) && [...groups.values()].every(group => !varyingFields(group).includes(field)),
  )
}

/** Fields that vary and that nothing else implies: what a table shows, and what names a cell among all. */
export function tellingFields(cells: readonly Cell[]): readonly CellField[] {
  const implied = impliedFields(cells)
  return varyingFields(cells).filter(field => !implied.includes(field))
}

/** The fields that distinguish the cells of each transport: pacing, say, does not apply to TCP. */
export function tellingByTransport(cells: readonly Cell[]): ReadonlyMap<string, readonly CellField[]> {
  const groups = groupBy(cells, each => each.transport)
  return new Map([...groups].map(([transport, own]) => [transport, tellingFields(own)]))
}

/** `udp-header, chunk 1,024 B`: the transport and the given fields. */
export function describeCell(cell: Cell, fields: readonly CellField[]): string {
  const others = fields.filter(field => field !== 'transport').map(field => describeField(cell, field))
  return [fieldValue(cell, 'transport'), ...others].join(', ')
}

/** `chunk 1,024 B`, `unpaced`, `limit 9,216 B`: one field in words, with its unit. */
export function describeField(cell: Cell, field: CellField): string {
  const value = fieldValue(cell, field)
  if (BARE.includes(field)) return value
  if (field === 'rate_bps') return cell.rate_bps === undefined ? value : `at ${value}`
  if (field === 'max_datagram_bytes' && cell.max_datagram_bytes === undefined) return 'own limit'
  return `${titleOfField(field)} ${value}`
}

/** Fields whose values need no name. */
const BARE: readonly CellField[] = ['transport', 'engine', 'ip_family', 'direction', 'file', 'variant']

/** The value of a field in words, with its unit: as long as a schema lets a name be, so that different cases have different names. */
export function fieldValue(cell: Cell, field: CellField): string {
  const { unit, type, unset = 'default', whenEmpty = unset } = BY_FIELD.get(field) ?? {}
  const value = cell[field]
  if (value === undefined) return type === 'boolean' ? 'off' : whenEmpty
  switch (field) {
    case 'ip_family':
      return `IPv${cell.ip_family}`
    case 'direction':
      return DIRECTIONS[cell.direction]
    case 'side':
      return String(value).toUpperCase()
    case 'size_bytes':
      return formatSize(cell.size_bytes ?? 0)
    default:
      if (typeof value === 'boolean') return value ? 'on' : 'off'
      if (typeof value === 'number' && unit === 'B') return formatBytes(value)
      if (typeof value === 'number' && unit === 'bit/s') return formatRate(value)
      if (typeof value === 'number' && unit === 'ms') return formatDuration(value)
      return wholeName(String(value))
  }
}

const DIRECTIONS: Readonly<Record<Cell['direction'], string>> = {
  local: 'this host',
  send: 'to another program',
  forward: 'to another host',
  reverse: 'from another host',
  'bidir-forward': 'to another host, both ways at once',
  'bidir-reverse': 'from another host, both ways at once',
  'third-party': 'between other hosts',
}

/** A long name without its middle, since tables and legends have to fit; and harmless. Others may then look the same: see `shortenAll`. */
export function shorten(name: string): string {
  const characters = [...harmlessName(name)]
  if (characters.length <= 32) return characters.join('')
  return `${characters.slice(0, 19).join('')}…${characters.slice(-12).join('')}`
}

/** Names for one column of a table, each short unless another one would then look the same. */
export function shortenAll(names: readonly string[]): readonly string[] {
  const byShort = groupBy([...new Set(names)], shorten)
  return names.map(name => ((byShort.get(shorten(name))?.length ?? 0) > 1 ? wholeName(name) : shorten(name)))
}

/** The longest label or variant of a scenario. */
const LONGEST_NAME = 64

/** A name as a key: whole, and harmless. Foreign rows may have far longer ones: these lose their middle, but get a fingerprint of it. */
export function wholeName(name: string): string {
  const characters = [...harmlessName(name)]
  if (characters.length <= LONGEST_NAME) return characters.join('')
  return `${characters.slice(0, 40).join('')}…${characters.slice(-12).join('')} #${fingerprint(name)}`
}

/** FNV-1a of 32 bits (Fowler, Noll & Vo, draft-eastlake-fnv), in letters and digits. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(36)
}

type Value = string | number | boolean | undefined

function compareValues(a: Value, b: Value): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  return a < b ? -1 : 1
}
