/** What is not the same on both sides of a change, beside the commit: the suspects that are not the code. */

import type { TrialSet } from '../read/trial-set.ts'
import type { ColumnName } from '../schema/columns.ts'

export interface SideChange {
  readonly column: ColumnName
  readonly before: string
  readonly after: string
}

/** Versions go up and stay: the runs next to the change say what changed there. */
const VERSIONS: readonly ColumnName[] = ['os_release', 'node_version', 'bench_version']
/** A CI system gives every run another one: only what was one before and another after says something. */
const PLACES: readonly ColumnName[] = ['host']

/** Runs of the levels before and after a change, in the order in which they began. */
export function alsoChanged(before: readonly TrialSet[], after: readonly TrialSet[]): readonly SideChange[] {
  const versions = VERSIONS.map(column => ({
    column,
    before: values(before.slice(-1), column),
    after: values(after.slice(0, 1), column),
  }))
  const places = PLACES.map(column => ({
    column,
    before: values(before, column),
    after: values(after, column),
  })).filter(each => each.before.length === 1 && each.after.length === 1)
  return [...versions, ...places]
    .map(each => ({ column: each.column, before: each.before.join(', '), after: each.after.join(', ') }))
    .filter(each => each.before !== each.after)
}

function values(runs: readonly TrialSet[], column: ColumnName): readonly string[] {
  return [...new Set(runs.flatMap(run => [...(run.environment.get(column)?.keys() ?? [])]))].sort()
}
