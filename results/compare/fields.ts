/** Which fields of cells tell the rows of a comparison apart. */

import type { TrialSet } from '../read/trial-set.ts'
import { CELL_FIELDS, type Cell, type CellField, SETTINGS } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'

/** Trials that differ in these are never repeats of each other. */
const ALWAYS: readonly CellField[] = ['transport', 'size_bytes', 'chunk_bytes', 'file']
/** A variant says what its settings say, so it is asked first. */
const WHERE_NEEDED: readonly CellField[] = [
  'variant',
  'side',
  'direction',
  'ip_family',
  'engine',
  ...SETTINGS,
]

/**
 * The fields that tell the cells of each set from each other, in the order of CELL_FIELDS: transport, size, chunk and file; others only
 * where a set has cells that nothing else tells apart. A field in which whole sets differ is no such field: that is what is compared.
 */
export function identityFields(sets: readonly TrialSet[], by?: ColumnName): readonly CellField[] {
  const fields = [...ALWAYS, ...incomparableFields(sets)].filter(field => field !== by)
  for (const field of WHERE_NEEDED) {
    if (field !== by && sets.some(set => isNeeded(field, fields, set))) fields.push(field)
  }
  return inOrder(fields)
}

/** Fields in which trials differ that never stand in one row: what looks at every byte, and what does not. */
export function incomparableFields(sets: readonly TrialSet[]): readonly CellField[] {
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

function isNeeded(field: CellField, fields: readonly CellField[], { cells }: TrialSet): boolean {
  const values = new Map<string, Cell[CellField]>()
  return cells.some(({ cell }) => {
    const key = keyOf(cell, fields)
    if (!values.has(key)) values.set(key, cell[field])
    return values.get(key) !== cell[field]
  })
}
