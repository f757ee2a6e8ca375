/** Trials of several sets, gathered into the rows of a comparison. */

import { type CellTrials, processesOf, samplesOf, type TrialSet, trialsIn } from '../read/trial-set.ts'
import { type Cell, type CellField, compareCells } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { keyOf } from './fields.ts'

export interface Row {
  /** Fields that do not distinguish rows are the same in all of them. */
  readonly cell: Cell
  /** For each set what it holds of the row; none where it has no trial of it. */
  readonly parts: readonly (readonly Part[])[]
}

/** Trials of a set that are repeats of each other. */
export interface Part {
  /** Parts of one key belong together, whatever their set. */
  readonly key: string
  readonly set: TrialSet
  readonly trials: CellTrials
}

/** Rows sorted as cells are; `identity` distinguishes cells, and `fields` (mostly the same ones) rows. */
export function gatherRows(
  sets: readonly TrialSet[],
  fields: readonly CellField[],
  identity: readonly CellField[],
): readonly Row[] {
  const rows = new Map<string, { readonly cell: Cell; readonly parts: Part[][] }>()
  const first = sets.flatMap(each => each.cells)[0]?.cell
  for (const [index, set] of sets.entries()) {
    for (const trials of set.cells) {
      const name = keyOf(trials.cell, fields)
      const cell = { ...(first ?? trials.cell), ...only(trials.cell, fields) }
      const row = rows.get(name) ?? { cell, parts: sets.map(() => []) }
      rows.set(name, row)
      row.parts[index]?.push({ key: keyOf(trials.cell, identity), set, trials })
    }
  }
  const variants = [...new Set([...rows.values()].map(each => each.cell.variant))].sort()
  return [...rows.values()].sort((a, b) => compareCells(a.cell, b.cell, variants))
}

/** All values of a figure, trial by trial; NaN where there is none. */
export function gatherColumn(parts: readonly Part[], column: ColumnName): Float64Array {
  return gather(parts, trials => samplesOf(trials, column))
}

/** All values that there are. */
export function valuesOf(parts: readonly Part[], column: ColumnName): Float64Array {
  return gatherColumn(parts, column).filter(value => !Number.isNaN(value))
}

/** `processesOf` all trials of a set. */
export function gatherProcesses(parts: readonly Part[]): Float64Array {
  return gather(parts, processesOf)
}

/** The run of each trial, by its index in the set. */
export function gatherRuns(parts: readonly Part[]): Float64Array {
  return gather(parts, trials => Float64Array.from(trials.runs))
}

function gather(parts: readonly Part[], pick: (trials: CellTrials) => Float64Array): Float64Array {
  const [only] = parts
  if (only && parts.length === 1) return pick(only.trials)
  const values = new Float64Array(trialsIn(parts.map(each => each.trials)))
  let at = 0
  for (const { trials } of parts) {
    values.set(pick(trials), at)
    at += trials.count
  }
  return values
}

export function only(cell: Cell, fields: readonly CellField[]): Partial<Cell> {
  return Object.fromEntries(fields.map(field => [field, cell[field]]))
}
