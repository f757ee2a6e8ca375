/** In what sets differ beside what is compared: the environment, settings, the commit that was tested. */
import { CELL_FIELDS, type CellField, fieldValue } from '../cells.ts'
import { COLUMNS, type ColumnName } from '../columns.ts'
import type { TrialSet } from '../read/trial-set.ts'
import type { Difference } from './comparison.ts'
import type { Row } from './rows.ts'

/**
 * Columns in which the trials of all sets do not have one value in common, in the order of COLUMNS; a cell's settings where sets differ
 * within a row. Those in `told` are left out (rows or sets tell them), and what is said of an end of the transfer where the same
 * is said of the machine that ran the command.
 */
export function findDifferences(
  sets: readonly TrialSet[],
  rows: readonly Row[],
  told: readonly ColumnName[],
): readonly Difference[] {
  const counts = new Map<ColumnName, readonly ReadonlyMap<string, number>[]>()
  for (const field of CELL_FIELDS) counts.set(field, settingCounts(rows, field, sets.length))
  counts.set('commit', sets.map(commitCounts))
  for (const column of new Set(sets.flatMap(set => [...set.environment.keys()])))
    counts.set(
      column,
      sets.map(set => set.environment.get(column) ?? new Map()),
    )
  const valuesOf = (column: ColumnName) => (counts.get(column) ?? []).map(byFrequency)
  const wholeOf = (column: ColumnName) => {
    const field = CELL_FIELDS.find(each => each === column)
    return field ? sets.map(set => byFrequency(cellCounts(set, field))) : valuesOf(column)
  }
  return COLUMNS.map(({ name }) => ({ column: name, values: valuesOf(name) })).filter(
    ({ column, values }) =>
      !told.includes(column) && new Set(values.flat()).size > 1 && !saysTheSame(column, values, wholeOf),
  )
}

/** `sender_os` beside `os`. */
function saysTheSame(
  column: ColumnName,
  values: Difference['values'],
  wholeOf: (column: ColumnName) => Difference['values'],
): boolean {
  const name = /^(?:sender|receiver)_(.+)$/.exec(column)?.[1]
  const plain = COLUMNS.find(each => each.name === name)?.name
  return plain !== undefined && JSON.stringify(wholeOf(plain)) === JSON.stringify(values)
}

function byFrequency(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([value]) => value)
}

/** Of the rows in which sets differ: what comes with a transport, say, is the same in every set and differs in none. */
function settingCounts(
  rows: readonly Row[],
  field: CellField,
  sets: number,
): readonly ReadonlyMap<string, number>[] {
  const counts = Array.from({ length: sets }, () => new Map<string, number>())
  for (const row of rows) {
    if (new Set(row.sets.flat().map(({ trials }) => trials.cell[field])).size < 2) continue
    for (const [set, parts] of row.sets.entries())
      for (const { trials } of parts)
        add(counts[set] ?? new Map(), fieldValue(trials.cell, field), trials.count)
  }
  return counts
}

function cellCounts({ cells }: TrialSet, field: CellField): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { cell, count } of cells) add(counts, fieldValue(cell, field), count)
  return counts
}

function commitCounts({ runs }: TrialSet): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { commit, trials } of runs) if (commit !== undefined) add(counts, commit, trials)
  return counts
}

function add(counts: Map<string, number>, value: string, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count)
}
