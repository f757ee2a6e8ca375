/** What has to be the same for a run to be a baseline of another one: the machine, and what ran on it. */

import { titleOf } from '../compare/words.ts'
import { environmentValues, type TrialSet } from '../read/trial-set.ts'
import { fieldValue, isCellField, shorten } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'

/** A column that has one value in some runs and another one in later ones; empty where unset. */
export interface EnvironmentDifference {
  readonly column: ColumnName
  readonly before: string
  readonly after: string
}

/** In what two runs differ, so that their figures are not of the same thing. Empty: one may be the baseline of the other. */
export function environmentDifferences(base: TrialSet, results: TrialSet): readonly EnvironmentDifference[] {
  // Settings of cells, of which these say where and with what it ran, rather than what was asked for.
  return differencesIn(['engine', 'direction', ...machineColumns(base, results)], base, results)
}

/** In what the machine was another one when the same cases were measured once more, as a quota that was changed in between. */
export function changedSince(results: TrialSet, again: TrialSet): readonly EnvironmentDifference[] {
  return differencesIn(MACHINE, results, again)
}

/** In what they differ that does not count: a CI system gives every run another host of the same kind. */
export function untoldDifferences(base: TrialSet, results: TrialSet): readonly EnvironmentDifference[] {
  return differencesIn(['host', 'bench_version'], base, results)
}

/** What distinguishes the machines of runs: only runs that agree in all of it make a course (`bench trend`). */
export function machineOf(set: TrialSet): readonly MachineFact[] {
  return machineColumns(set).map(column => ({ column, value: valueIn(set, column) }))
}

export interface MachineFact {
  readonly column: ColumnName
  /** Empty where unknown. */
  readonly value: string
}

/** `kernel 6.12 in the baseline, 6.18 in the results` */
export function describeDifference({ column, before, after }: EnvironmentDifference): string {
  const [base, results] = [before, after].map(value => shorten(value || 'unset'))
  return `${titleOf(column)} ${base} in the baseline, ${results} in the results`
}

const MACHINE: readonly ColumnName[] = [
  ...(['os', 'os_release', 'arch', 'cpu_model', 'cpu_count'] as const),
  // Files of older versions do not say it, and count as without one.
  'cpu_quota',
  ...(['node_version', 'pinned_cpus'] as const),
]
/** Of a run between hosts each end has its own. */
const ENDS: readonly ColumnName[] = (['sender', 'receiver'] as const).flatMap(end => [
  ...([`${end}_os`, `${end}_os_release`, `${end}_arch`] as const),
  ...([`${end}_cpu_model`, `${end}_cpu_quota`, `${end}_node_version`] as const),
])

function machineColumns(...sets: readonly TrialSet[]): readonly ColumnName[] {
  const isLocal = sets.every(({ cells }) => cells.every(({ cell }) => cell.direction === 'local'))
  return isLocal ? MACHINE : [...MACHINE, ...ENDS]
}

function differencesIn(
  columns: readonly ColumnName[],
  before: TrialSet,
  after: TrialSet,
): readonly EnvironmentDifference[] {
  return columns
    .map(column => ({ column, before: valueIn(before, column), after: valueIn(after, column) }))
    .filter(each => each.before !== each.after)
}

/** What counts of a column in a set: a run has one value, unless its agents were of two kinds. */
function valueIn(set: TrialSet, column: ColumnName): string {
  const values = isCellField(column)
    ? set.cells.map(({ cell }) => fieldValue(cell, column))
    : environmentValues(set, column)
  return [...new Set(values.map(value => ofSystem(column, value)))].sort().join(', ')
}

/** A patch of a kernel or of Node does not make another system. */
function ofSystem(column: ColumnName, value: string): string {
  const parts = column.endsWith('os_release')
    ? /^\d+\.\d+(?:.*\(wine\))?/
    : column.endsWith('node_version')
      ? /^\d+/
      : /.*/s
  return parts.exec(value)?.[0] ?? value
}
