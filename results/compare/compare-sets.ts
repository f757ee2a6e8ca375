/** Compares sets of trials cell by cell. Pure: columns in, a model out. */

import { given } from '../../base/given.ts'
import { tellApart } from '../../base/groups.ts'
import { type TrialSet, trialsIn } from '../read/trial-set.ts'
import { CELL_FIELDS, type Cell, type CellField, fieldValue, varyingFields } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { estimateOver } from '../statistics/processes.ts'
import { findChanges } from './changes.ts'
import type { Change, ComparedSet, Comparison, Difference, Geomean } from './comparison.ts'
import { findDifferences, GIVEN_NUMBERS, GIVEN_TEXTS } from './differences.ts'
import { refusalsOf, troublesOf } from './facts.ts'
import { identityFields, incomparableFields, inOrder } from './fields.ts'
import { DELTA } from './judge.ts'
import { findLosses } from './losses.ts'
import type { Metric } from './metrics.ts'
import { gatherColumn, gatherProcesses, gatherRows } from './rows.ts'
import { findSystems } from './systems.ts'
import { findComparisonWarnings } from './warnings.ts'

export interface CompareOptions {
  readonly metric: Metric
  /** Index of the set that others are compared with; default: the first. */
  readonly base?: number
  /** The column whose values the sets are (`--by`); it does not distinguish rows. */
  readonly by?: ColumnName | undefined
  /** The conditions by which rows were chosen (`--filter`), for the heading. */
  readonly filter?: string | undefined
  /** What distinguishes rows; by default what distinguishes the cells of each set. */
  readonly fields?: readonly CellField[] | undefined
  /** Differences of sets that cells no longer show, since pairs share a name (`alignReadSides`). */
  readonly unlike?: readonly Difference[] | undefined
  /** The least effect that counts, as a share, of all rows or by their cells; default: 5 %. Between fewer than five runs it is at least 15 %. */
  readonly delta?: number | ((cell: Cell) => number) | undefined
}

/** Columns that the reader has to give for `compareSets`. */
export function comparedColumns(...metrics: readonly Metric[]): {
  readonly numbers: readonly ColumnName[]
  readonly texts: readonly ColumnName[]
} {
  return {
    numbers: [...new Set([...metrics.map(each => each.column), ...NUMBERS, ...GIVEN_NUMBERS])],
    texts: ['scenario', 'error_code', ...GIVEN_TEXTS],
  }
}

const NUMBERS: readonly ColumnName[] = [
  'process',
  'datagrams_offered',
  'datagrams_accepted',
  'datagrams_refused',
  'datagrams_lost',
  'datagrams_corrupt',
  'refused_datagram_bytes',
  'datagram_bytes',
  'limit_emulated',
  'payload_intact',
  'delivery_ms',
  'clock_error_ms',
]

/** Sets have to hold `comparedColumns(metric)`. */
export function compareSets(sets: readonly TrialSet[], options: CompareOptions): Comparison {
  const { metric, base = 0, by, unlike = [], delta = DELTA } = options
  const identity = identityFields(sets, by)
  const chosen = [...(options.fields ?? identity), ...incomparableFields(sets)]
  const fields = inOrder(chosen.filter(field => field !== by))
  const rows = gatherRows(sets, fields, identity)
  const deltaOf = typeof delta === 'number' ? () => delta : delta
  const changes = findChanges(rows, { metric, base, deltaOf })
  const losses = findLosses(rows, base)
  const shown: readonly ColumnName[] = given(...fields, ...identity, by)
  const differences = [
    // The names of pairs say it.
    ...unlike.filter(({ column }) => column !== 'transport' && column !== 'beside'),
    ...findDifferences(sets, rows, shown),
  ]
  const comparison = {
    metric,
    by,
    filter: options.filter,
    base,
    sets: describeSets(sets, by),
    fields,
    common: commonFields(sets).filter(field => !unlike.some(({ column }) => column === field)),
    rows: rows.map((row, index) => ({
      ...row,
      estimates: row.parts.map(parts =>
        estimateOver(gatherColumn(parts, metric.column), gatherProcesses(parts)),
      ),
      changes: changes[index] ?? [],
      losses: losses[index] ?? [],
      refusals: row.parts.map(refusalsOf),
      troubles: row.parts.map(troublesOf),
    })),
    geomeans: sets.map((_, index) => geomeanOf(changes.map(row => row[index]))),
    differences,
    systems: findSystems(sets, rows, differences),
  }
  return { ...comparison, warnings: findComparisonWarnings(comparison) }
}

function geomeanOf(changes: readonly (Change | undefined)[]): Geomean | undefined {
  const logs = changes.flatMap(each => (each ? [Math.log(each.ratio)] : [])).filter(Number.isFinite)
  if (logs.length === 0) return undefined
  return { ratio: Math.exp(logs.reduce((sum, each) => sum + each, 0) / logs.length), rows: logs.length }
}

function commonFields(sets: readonly TrialSet[]): readonly CellField[] {
  const cells = sets.flatMap(set => set.cells.map(each => each.cell))
  const varying = varyingFields(cells)
  return CELL_FIELDS.filter(field => !varying.includes(field))
}

/** What tables say of each set. Two sets of one label get numbers: `results`, `results (2)`. */
export function describeSets(sets: readonly TrialSet[], by: ColumnName | undefined): readonly ComparedSet[] {
  const labels = tellApart(sets.map(({ label, cells }) => shownValue(cells[0]?.cell, by) ?? label))
  return sets.map(({ label, runs, cells }, index) => {
    const startedAt = runs[0]?.startedAt
    return {
      label: labels[index] ?? label,
      runs: runs.length,
      trials: trialsIn(cells),
      ...(startedAt === undefined ? {} : { startedAt }),
    }
  })
}

/** As a table shows the value, `1,024 B`, which all trials of a set have in common. */
function shownValue(cell: Cell | undefined, by: ColumnName | undefined): string | undefined {
  const field = CELL_FIELDS.find(each => each === by)
  return cell && field && fieldValue(cell, field)
}
