/** What rules of warnings look at, and how they name rows and sets. */
import type { Cell } from '../schema/cells.ts'
import type { Estimate } from '../statistics/processes.ts'
import { nameCells } from '../warnings/warning.ts'
import type { Change, Comparison, ComparisonWarning } from './comparison.ts'
import type { Part, Row } from './rows.ts'
import { labelsOf } from './words.ts'

/** Looks at a whole comparison; at most one warning of a kind. */
export type ComparisonRule = (situation: Situation) => ComparisonWarning | undefined

export class Situation {
  readonly comparison: Omit<Comparison, 'warnings'>
  readonly rows: readonly Row[]

  constructor(comparison: Omit<Comparison, 'warnings'>, rows: readonly Row[]) {
    this.comparison = comparison
    this.rows = rows
  }

  /** Every change with where it stands. */
  changes(): readonly {
    readonly cell: Cell
    readonly set: number
    readonly change: Change
    readonly base: Estimate
    readonly other: Estimate
  }[] {
    const { base } = this.comparison
    return this.comparison.rows.flatMap(({ cell, changes, estimates }) =>
      changes.flatMap((change, set) => {
        const [from, to] = [estimates[base], estimates[set]]
        return change && from && to ? [{ cell, set, change, base: from, other: to }] : []
      }),
    )
  }

  /** Every set's part of every row that holds trials of it. */
  parts(): readonly { readonly cell: Cell; readonly set: number; readonly parts: readonly Part[] }[] {
    return this.rows.flatMap(({ cell, sets }) =>
      sets.flatMap((parts, set) => (parts.length > 0 ? [{ cell, set, parts }] : [])),
    )
  }

  /** `udp-header, chunk 1,024 B in b`: each cell once, and the sets unless it is all of them. */
  name(places: readonly { readonly cell: Cell; readonly set: number }[]): string {
    const { rows, fields, sets } = this.comparison
    const named = nameCells(
      [...new Set(places.map(each => each.cell))],
      rows.map(each => each.cell),
      fields,
    )
    const concerned = [...new Set(places.map(each => each.set))].sort((a, b) => a - b)
    const shown = labelsOf(this.comparison)
    const where = concerned.map(set => shown[set]).join(' and ')
    const labels = concerned.length > 3 ? `${concerned.length} of ${sets.length} sets` : where
    return named === '' ? labels : `${named} in ${labels}`
  }
}
