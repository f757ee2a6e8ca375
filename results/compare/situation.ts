/** What rules of warnings look at, and how they name rows and sets. */
import type { Cell } from '../schema/cells.ts'
import type { Estimate } from '../statistics/processes.ts'
import { nameCells } from '../warnings/warning.ts'
import type { Change, Comparison, ComparisonWarning } from './comparison.ts'
import type { Part } from './rows.ts'
import { labelsOf } from './words.ts'

/** A comparison before it is warned of. */
export type Situation = Omit<Comparison, 'warnings'>

/** Looks at a whole comparison; at most one warning of a kind. */
export type ComparisonRule = (situation: Situation) => ComparisonWarning | undefined

interface Place {
  readonly cell: Cell
  /** Index of the set. */
  readonly set: number
}

interface ChangeAt extends Place {
  readonly change: Change
  readonly base: Estimate
  readonly other: Estimate
}

/** Every change with where it stands. */
export function changesIn({ rows, base }: Situation): readonly ChangeAt[] {
  return rows.flatMap(({ cell, changes, estimates }) =>
    changes.flatMap((change, set) => {
      const [from, to] = [estimates[base], estimates[set]]
      return change && from && to ? [{ cell, set, change, base: from, other: to }] : []
    }),
  )
}

interface PartsAt extends Place {
  readonly parts: readonly Part[]
}

/** Every set's part of every row that holds trials of it. */
export function partsIn({ rows }: Situation): readonly PartsAt[] {
  return rows.flatMap(({ cell, parts }) =>
    parts.flatMap((ofSet, set) => (ofSet.length > 0 ? [{ cell, set, parts: ofSet }] : [])),
  )
}

/** `udp-header, chunk 1,024 B in b`: each cell once, and the sets unless it is all of them. */
export function namePlaces({ rows, fields, sets }: Situation, places: readonly Place[]): string {
  const named = nameCells(
    [...new Set(places.map(each => each.cell))],
    rows.map(each => each.cell),
    fields,
  )
  const concerned = [...new Set(places.map(each => each.set))].sort((a, b) => a - b)
  const shown = labelsOf({ sets })
  const where = concerned.map(set => shown[set]).join(' and ')
  const labels = concerned.length > 3 ? `${concerned.length} of ${sets.length} sets` : where
  return named === '' ? labels : `${named} in ${labels}`
}
