/** What is not the same on both sides of a change, beside the commit: the suspects that are not the code. */
import { given } from '../../base/given.ts'
import type { EnvironmentDifference } from '../gate/environment.ts'
import { environmentValues, type TrialSet } from '../read/trial-set.ts'
import type { ColumnName } from '../schema/columns.ts'

/** Versions go up and stay: the runs next to the change say what changed there. */
const VERSIONS: readonly ColumnName[] = ['os_release', 'node_version', 'bench_version']

/** Runs of the levels before and after a change, in the order in which they began. */
export function alsoChanged(
  before: readonly TrialSet[],
  after: readonly TrialSet[],
): readonly EnvironmentDifference[] {
  const versions = VERSIONS.map(column => ({
    column,
    before: values(before.slice(-1), column),
    after: values(after.slice(0, 1), column),
  }))
  // A CI system gives every run another one: only what was one before and another after says something.
  const hosts = { column: 'host' as const, before: values(before, 'host'), after: values(after, 'host') }
  const isMoved = hosts.before.length === 1 && hosts.after.length === 1
  return given(...versions, isMoved && hosts)
    .map(each => ({ column: each.column, before: each.before.join(', '), after: each.after.join(', ') }))
    .filter(each => each.before !== each.after)
}

function values(runs: readonly TrialSet[], column: ColumnName): readonly string[] {
  return [...new Set(runs.flatMap(run => environmentValues(run, column)))].sort()
}
