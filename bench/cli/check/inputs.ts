/** Reads the runs of a gate from files. */

import { UsageError } from '../../../base/errors.ts'
import { given } from '../../../base/given.ts'
import { counted } from '../../../base/units.ts'
import { alignReadSides } from '../../../results/compare/sides.ts'
import { formatValues, titleOf } from '../../../results/compare/words.ts'
import type { Note } from '../../../results/gate/check.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { environmentDifferences } from '../../../results/gate/environment.ts'
import { daysOf } from '../../../results/history/words.ts'
import { readTrials } from '../../../results/read/read.ts'
import { byBeginning, type TrialSet } from '../../../results/read/trial-set.ts'
import { CELL_FIELDS, type CellField, fieldValue, shorten } from '../../../results/schema/cells.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'

export interface Runs {
  /** One set per run, earliest first. */
  readonly sets: readonly TrialSet[]
  /** How they were measured, where the files say so. */
  readonly manifests: readonly Manifest[]
  /** About what in the files could not be used. */
  readonly notes: readonly Note[]
}

/** @throws UsageError when a file cannot be read, or has no row that can be used */
export async function readRuns(paths: readonly string[]): Promise<Runs> {
  const { sets, manifests, problems } = await readTrials([...new Set(paths)], {
    ...gateColumns(),
    by: 'run_id',
  })
  return {
    sets: sets.toSorted(byBeginning),
    manifests,
    notes: problems.map(({ message }) => ({ message })),
  }
}

/** Reads side A and side B of runs of two sides, and how their cases differ on purpose. @throws UsageError when a side is missing */
export async function readSides(
  paths: readonly string[],
): Promise<{ readonly a: TrialSet; readonly b: TrialSet; readonly heading: readonly string[] }> {
  const { sets } = await readTrials([...new Set(paths)], { ...gateColumns(), by: 'side' })
  const [a, b] = (['a', 'b'] as const).map(side => sets.find(each => each.cells[0]?.cell.side === side))
  if (!a || !b)
    throw new UsageError(`${paths.join(', ')}: only side ${a ? 'A' : 'B'} is there; give all rows of the run`)
  const { sets: aligned, unlike } = alignReadSides([a, b])
  const [ofA = a, ofB = b] = aligned
  const heading = unlike.map(
    ({ column, values: [before = [], now = []] }) =>
      `A: ${titleOf(column)} ${formatValues(before)}; B: ${titleOf(column)} ${formatValues(now)}`,
  )
  return { a: ofA, b: ofB, heading }
}

/**
 * Rows with sides are judged against each other, other rows are not; nor do sides that differ in different settings mix.
 * @throws UsageError that says which file holds what
 */
export async function checkOneKind(sets: readonly TrialSet[], paths: readonly string[]): Promise<void> {
  if (new Set(sets.map(set => kindOf([set]))).size < 2) return
  const files = await Promise.all(
    [...new Set(paths)].map(async path => ({ path, kinds: kindsOf((await readRuns([path])).sets) })),
  )
  if (new Set(files.flatMap(each => each.kinds)).size < 2) return
  const contents = files.map(({ path, kinds }) => `${path} holds ${kinds.join(' and ')}`).join('; ')
  throw new UsageError(`${contents}: check each kind on its own`)
}

/** The kinds of rows in a file. A run that measures some pairs of another run again may hold only its equal ones. */
function kindsOf(sets: readonly TrialSet[]): readonly string[] {
  const ofSides = sets.filter(set => hasSides([set]))
  return given(ofSides.length > 0 && kindOf(ofSides), ofSides.length < sets.length && kindOf([]))
}

function kindOf(sets: readonly TrialSet[]): string {
  if (!hasSides(sets)) return 'trials without sides'
  const valuesOf = (side: string, field: CellField) => {
    const cells = sets.flatMap(set => set.cells).filter(({ cell }) => cell.side === side)
    return JSON.stringify([...new Set(cells.map(({ cell }) => fieldValue(cell, field)))].sort())
  }
  const fields = CELL_FIELDS.filter(
    field => field !== 'side' && valuesOf('a', field) !== valuesOf('b', field),
  )
  return fields.length > 0 ? `sides that differ in ${fields.map(titleOf).join(', ')}` : 'equal sides'
}

export function hasSides(sets: readonly TrialSet[]): boolean {
  return sets.some(({ cells }) => cells.some(({ cell }) => cell.side !== undefined))
}

/** Results of several machines do not repeat each other. @throws UsageError that says how they differ */
export function checkOneEnvironment(sets: readonly TrialSet[], what: string): void {
  const [first, ...others] = sets
  for (const other of others) {
    const [difference] = first ? environmentDifferences(first, other) : []
    if (!difference) continue
    const { column, before, after } = difference
    throw new UsageError(
      `the ${what} are from several environments (${column} ${shorten(before || 'unset')} and ${shorten(after || 'unset')}); check the files of each separately, or compare them with bench compare --by ${column}`,
    )
  }
}

/** `baseline: 6 runs, 2026-11-14 to 2026-11-20, 1,080 trials` */
export function describeRuns(what: string, sets: readonly TrialSet[]): string {
  const runs = sets.flatMap(set => set.runs)
  const when = daysOf(runs)
  const trials = runs.reduce((sum, run) => sum + run.trials, 0)
  const cells = new Set(sets.flatMap(set => set.cells.map(({ cell }) => JSON.stringify(cell)))).size
  return `${what}: ${counted(runs.length, 'run')}${when === '' ? '' : `, ${when}`}, ${counted(cells, 'case')}, ${counted(trials, 'trial')}`
}
