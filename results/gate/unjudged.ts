/** Cases of which nothing was judged: with `--strict` they do not pass. Pure. */
import { type Cell, cellKey } from '../schema/cells.ts'
import { type Check, factOf, type Kind } from './check.ts'

/** A cell that should have a verdict, and why it may have none. */
export interface Expected {
  readonly cell: Cell
  readonly reason: string
}

/** Facts alone (failures, damage) say nothing of how quick a case is. */
const JUDGING: readonly Kind[] = ['threshold', 'metric', 'loss']

/** A skipped check for each cell that no check judges, nor names as doubtful or failed. */
export function unjudged(checks: readonly Check[], expected: readonly Expected[]): readonly Check[] {
  const known = new Set(
    checks.flatMap(({ kind, status, cell }) =>
      cell && (JUDGING.includes(kind) || status !== 'passed') ? [cellKey(cell)] : [],
    ),
  )
  return expected
    .filter(({ cell }) => !known.has(cellKey(cell)))
    .map(({ cell, reason }) =>
      factOf({ kind: 'missing', subject: 'judgement', cell }, 'skipped', `never judged: ${reason}`),
    )
}
