/** What has to be the same for a run to be a baseline of another one: the machine, and what ran on it. */

import { titleOf } from '../compare/words.ts'
import type { TrialSet } from '../read/trial-set.ts'
import { type CellField, fieldValue, shorten } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'

export interface EnvironmentDifference {
  readonly column: ColumnName
  readonly base: string
  readonly results: string
}

/** In what two runs differ, so that their figures are not of the same thing. Empty: one may be the baseline of the other. */
export function environmentDifferences(base: TrialSet, results: TrialSet): readonly EnvironmentDifference[] {
  const ends = isLocal(base) && isLocal(results) ? [] : END_COLUMNS
  const facts = [...FIELDS, ...COLUMNS, ...ends].map(({ column, part }) => ({
    column,
    base: valuesOf(base, column, part),
    results: valuesOf(results, column, part),
  }))
  return facts.filter(each => each.base !== each.results)
}

/** In what the machine was another one when the same cases were measured once more, as a quota that was changed in between. */
export function changedSince(results: TrialSet, again: TrialSet): readonly EnvironmentDifference[] {
  return COLUMNS.map(({ column }) => ({
    column,
    base: valuesOf(results, column),
    results: valuesOf(again, column),
  })).filter(each => each.base !== each.results)
}

/** What distinguishes the machines of runs: only runs that agree in all of it make a course (`bench trend`). */
export function machineOf(set: TrialSet): readonly MachineFact[] {
  return [...COLUMNS, ...(isLocal(set) ? [] : END_COLUMNS)].map(({ column, part }) => ({
    column,
    value: valuesOf(set, column, part),
  }))
}

export interface MachineFact {
  readonly column: ColumnName
  /** Empty where unknown. */
  readonly value: string
}

/** In what they differ that does not count: a CI system gives every run another host of the same kind. */
export function untoldDifferences(base: TrialSet, results: TrialSet): readonly EnvironmentDifference[] {
  return BESIDE.map(column => ({
    column,
    base: valuesOf(base, column),
    results: valuesOf(results, column),
  })).filter(each => each.base !== each.results)
}

/** `kernel 6.12 in the baseline, 6.18 in the results` */
export function describeDifference({ column, base, results }: EnvironmentDifference): string {
  const [before, now] = [base, results].map(value => (value === '' ? 'unset' : shorten(value)))
  return `${titleOf(column)} ${before} in the baseline, ${now} in the results`
}

interface Counted {
  readonly column: ColumnName
  /** What of the value counts. */
  readonly part?: (value: string) => string
}

/** A patch of a kernel or of Node does not make another system. */
const majorAndMinor = (release: string) => /^\d+\.\d+/.exec(release)?.[0] ?? release
const major = (version: string) => /^\d+/.exec(version)?.[0] ?? version

const COLUMNS: readonly Counted[] = [
  { column: 'os' },
  { column: 'os_release', part: majorAndMinor },
  { column: 'arch' },
  { column: 'cpu_model' },
  { column: 'cpu_count' },
  // Files of older versions do not say it, and count as without one.
  { column: 'cpu_quota' },
  { column: 'node_version', part: major },
  { column: 'pinned_cpus' },
]
/** Of a run between hosts each end has its own. */
const END_COLUMNS: readonly Counted[] = (['sender', 'receiver'] as const).flatMap(end => [
  { column: `${end}_os` },
  { column: `${end}_os_release`, part: majorAndMinor },
  { column: `${end}_arch` },
  { column: `${end}_cpu_model` },
  { column: `${end}_cpu_quota` },
  { column: `${end}_node_version`, part: major },
])
/** Settings of cells that say where and with what it ran, rather than what was asked for. */
const FIELDS: readonly { readonly column: CellField; readonly part?: undefined }[] = [
  { column: 'engine' },
  { column: 'direction' },
]
const BESIDE: readonly ColumnName[] = ['host', 'bench_version']

function isLocal({ cells }: TrialSet): boolean {
  return cells.every(({ cell }) => cell.direction === 'local')
}

/** The values of a column in a set, sorted: a run has one, unless its agents were of two kinds. */
function valuesOf(set: TrialSet, column: ColumnName, part = (value: string) => value): string {
  const field = FIELDS.find(each => each.column === column)?.column
  const values = field
    ? set.cells.map(({ cell }) => fieldValue(cell, field))
    : [...(set.environment.get(column)?.keys() ?? [])]
  return [...new Set(values.map(part))].sort().join(', ')
}
