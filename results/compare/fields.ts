/** Chooses the fields of cells that distinguish the rows of a comparison. */

import { CELL_FIELDS, type Cell, type CellField, SETTINGS } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'

/** The cells of a set of trials: of one that was read, or will be measured. */
export interface Cells {
  readonly cells: readonly { readonly cell: Cell }[]
}

/** Trials that differ in these are never repeats of each other. */
export const KNOWN_BY: readonly CellField[] = ['transport', 'size_bytes', 'chunk_bytes', 'file', 'payload']
/** A variant implies its settings, so it comes first. */
const WHERE_NEEDED: readonly CellField[] = [
  'variant',
  'side',
  'direction',
  'ip_family',
  'engine',
  ...SETTINGS,
]

/**
 * The fields that distinguish the cells of each set, in the order of CELL_FIELDS: transport, size, chunk, file and payload; others only
 * if nothing else distinguishes some cells of a set. A field in which whole sets differ is what is compared, and not among them.
 */
export function identityFields(sets: readonly Cells[], by?: ColumnName): readonly CellField[] {
  const fields = [...KNOWN_BY, ...incomparableFields(sets)].filter(field => field !== by)
  for (const field of WHERE_NEEDED) {
    if (field !== by && sets.some(set => isNeeded(field, fields, set))) fields.push(field)
  }
  return inOrder(fields)
}

/** Fields whose values never share a row: trials that check every byte and trials that do not. */
export function incomparableFields(sets: readonly Cells[]): readonly CellField[] {
  const modes = new Set(sets.flatMap(({ cells }) => cells.map(({ cell }) => cell.verify)))
  return modes.size > 1 ? ['verify'] : []
}

/** Sorted as CELL_FIELDS are, each once. */
export function inOrder(fields: readonly CellField[]): readonly CellField[] {
  return CELL_FIELDS.filter(field => fields.includes(field))
}

/** Equal for cells that are equal in `fields`, and for them only. */
export function keyOf(cell: Cell, fields: readonly CellField[]): string {
  return JSON.stringify(fields.map(field => cell[field] ?? null))
}

function isNeeded(field: CellField, fields: readonly CellField[], { cells }: Cells): boolean {
  const values = new Map<string, Cell[CellField]>()
  return cells.some(({ cell }) => {
    const key = keyOf(cell, fields)
    if (!values.has(key)) values.set(key, cell[field])
    return values.get(key) !== cell[field]
  })
}

/** Whether a comparison of both would have a row of both. */
export function haveRowInCommon(base: Cells, other: Cells): boolean {
  // What the system grants is not known before.
  const fields = identityFields([base, other]).filter(field => field !== 'zerocopy')
  const keysOf = ({ cells }: Cells) => cells.map(({ cell }) => keyOf(cell, fields))
  const known = new Set(keysOf(base))
  return keysOf(other).some(key => known.has(key))
}
