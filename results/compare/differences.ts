/** In what sets differ beside what is compared: the environment, settings, the commit that was tested. */
import { ascending, maximum, sumOf, totals } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { type CellTrials, type TrialSet, trialsIn } from '../read/trial-set.ts'
import { CELL_FIELDS, type CellField, fieldValue } from '../schema/cells.ts'
import { COLUMNS, type ColumnName, columnOf } from '../schema/columns.ts'
import type { Difference } from './comparison.ts'
import { valuesOf as knownValues, type Row } from './rows.ts'

/**
 * Columns in which the trials of all sets do not have one value in common, in the order of COLUMNS; what was asked for, and what the
 * system made of it, where sets differ within a row. Those in `shown` are left out, since rows or sets show them; so is what follows
 * from another one.
 */
export function findDifferences(
  sets: readonly TrialSet[],
  rows: readonly Row[],
  shown: readonly ColumnName[],
): readonly Difference[] {
  const columns = new Set(sets.flatMap(set => [...set.environment.keys()]))
  const counts = new Map<ColumnName, readonly Counts[]>(
    [...columns].map(column => [column, sets.map(set => environmentCounts(set, column))]),
  )
  for (const field of CELL_FIELDS) {
    const differing = rows.filter(
      row => new Set(row.parts.flat().map(each => each.trials.cell[field])).size > 1,
    )
    counts.set(field, rowCounts(differing, sets.length, askedFor(field)))
  }
  for (const { column, asked, valuesOf } of GIVEN) {
    // What was asked for says it already.
    const differ = counts.get(asked)?.some(each => each.size > 0)
    if (!differ) counts.set(column, rowCounts(rows, sets.length, valuesOf))
  }
  counts.set('commit', sets.map(commitCounts))
  const valuesOf = (column: ColumnName) => (counts.get(column) ?? []).map(byFrequency)
  return COLUMNS.map(({ name }) => ({ column: name, values: valuesOf(name) })).filter(
    ({ column, values }) =>
      !shown.includes(column) && new Set(values.flat()).size > 1 && !saysTheSame(column, values, sets),
  )
}

/** Trials by the value of a column. */
type Counts = ReadonlyMap<string, number>

/** `sender_os` beside `os`, `sender_engine` beside the engine of the cells. */
function saysTheSame(column: ColumnName, values: Difference['values'], sets: readonly TrialSet[]): boolean {
  const end = columnOf(column).end
  const plain = COLUMNS.find(each => `${end}_${each.name}` === column)?.name
  if (plain === undefined) return false
  const field = CELL_FIELDS.find(each => each === plain)
  const others = sets.map(set => byFrequency(field ? cellCounts(set, field) : environmentCounts(set, plain)))
  return JSON.stringify(others) === JSON.stringify(values)
}

function byFrequency(counts: Counts): readonly string[] {
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || ascending(a, b))
    .map(([value]) => value)
}

function environmentCounts(set: TrialSet, column: ColumnName): Counts {
  const counts = set.environment.get(column) ?? new Map()
  const { unset } = columnOf(column)
  if (unset === undefined) return counts
  const known = sumOf(counts.values(), Number)
  const all = trialsIn(set.cells)
  return known < all ? new Map([...counts, [unset, all - known]]) : counts
}

function cellCounts({ cells }: TrialSet, field: CellField): Counts {
  return totals(cells.map(({ cell, count }) => [fieldValue(cell, field), count]))
}

function commitCounts({ runs }: TrialSet): Counts {
  return totals(
    runs.flatMap(({ commit, trials }) => (commit === undefined ? [] : [[commit, trials] as const])),
  )
}

/** Of the rows in which sets differ: what comes with a transport, say, is the same in every set and differs in none. */
function rowCounts(
  rows: readonly Row[],
  sets: number,
  valuesOf: (trials: CellTrials) => Counts,
): readonly Counts[] {
  const differing = rows
    .map(({ parts }) => parts.map(ofSet => ofSet.flatMap(({ trials }) => [...valuesOf(trials)])))
    .filter(found => new Set(found.flat().map(([value]) => value)).size > 1)
  return Array.from({ length: sets }, (_, set) => totals(differing.flatMap(found => found[set] ?? [])))
}

function askedFor(field: CellField): (trials: CellTrials) => Counts {
  return ({ cell, count }) => new Map([[fieldValue(cell, field), count]])
}

interface Given {
  readonly column: ColumnName
  readonly asked: ColumnName
  readonly valuesOf: (trials: CellTrials) => Counts
}

/** What the system made of what was asked for. TCP tunes its buffers as it goes, so that only those of datagrams say something. */
const GIVEN: readonly Given[] = [
  { column: 'rcvbuf_bytes', asked: 'rcvbuf_asked_bytes', valuesOf: bytesOf('rcvbuf_bytes') },
  { column: 'congestion', asked: 'congestion_asked', valuesOf: congestionOf },
]
/** Where it is of the system rather than of the path. */
const GIVEN_BY_SYSTEMS: readonly Given[] = [
  { column: 'sndbuf_bytes', asked: 'sndbuf_asked_bytes', valuesOf: bytesOf('sndbuf_bytes') },
  ...GIVEN,
]

/** Columns that it looks at. */
export const GIVEN_NUMBERS: readonly ColumnName[] = ['rcvbuf_bytes', 'sndbuf_bytes', 'mss_bytes']
export const GIVEN_TEXTS: readonly ColumnName[] = ['congestion']

/** What sockets asked for and what they were given, where sets of several systems differ in it; what is not known differs from nothing. */
export function findGiven(
  sets: number,
  rows: readonly Row[],
  differences: readonly Difference[],
): readonly Difference[] {
  const known = GIVEN_BY_SYSTEMS.map(({ column, valuesOf }) => ({
    column,
    values: rowCounts(rows, sets, valuesOf).map(byFrequency),
  }))
  return [
    ...differences.filter(each => GIVEN_BY_SYSTEMS.some(({ asked }) => asked === each.column)),
    ...[...known, largestSegments(sets, rows)].filter(
      ({ values }) => new Set(values.filter(each => each.length > 0).map(String)).size > 1,
    ),
  ]
}

/** It follows the MTU; trials with a small window have smaller ones. */
function largestSegments(sets: number, rows: readonly Row[]): Difference {
  const largestOf = (set: number) =>
    maximum(rows.map(({ parts }) => maximum(knownValues(parts[set] ?? [], 'mss_bytes'))))
  const values = Array.from({ length: sets }, (_, set) => largestOf(set))
  return { column: 'mss_bytes', values: values.map(each => (each > 0 ? [formatBytes(each)] : [])) }
}

function bytesOf(column: ColumnName): Given['valuesOf'] {
  return trials => {
    if (isStream(trials)) return new Map()
    const known = [...countValues(trials.numbers(column))].filter(([bytes]) => !Number.isNaN(bytes))
    return new Map(known.map(([bytes, count]) => [formatBytes(bytes), count]))
  }
}

function congestionOf(trials: CellTrials): Counts {
  return isStream(trials) ? countValues(trials.texts('congestion')) : new Map()
}

function isStream(trials: CellTrials): boolean {
  return trials.numbers('datagrams_offered').every(Number.isNaN)
}

/** How often each value stands there; mostly it is that of the trial before. */
function countValues<T>(values: ArrayLike<T | undefined>): Map<T, number> {
  const counts: (readonly [T, number])[] = []
  for (let from = 0, to = 0; from < values.length; from = to) {
    const value = values[from]
    while (to < values.length && Object.is(values[to], value)) to++
    if (value !== undefined) counts.push([value, to - from])
  }
  return totals(counts)
}
