/** `bench compare` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import { nearest, suggestion } from '../../../base/nearest.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { CELL_FIELDS, type CellField, titleOfField } from '../../../results/schema/cells.ts'
import { COLUMNS, type Column, type ColumnName } from '../../../results/schema/columns.ts'
import { columnByName } from '../../../results/select/names.ts'
import type { CompareArguments } from '../actions/compare.ts'
import { unlessInterrupted } from '../called-off.ts'
import type { Command, Given } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { choice, list, noFlag, readFlags, text } from '../flags.ts'
import { METRIC_FLAGS, parseMetric } from '../metric-flags.ts'
import { FILTER, RESULTS } from '../options.ts'

const FLAGS = {
  by: text('compare the values of a column: os, engine, host, transport, chunk …', parseBy, 'the files'),
  rows: list('columns that make the rows: transport,size', parseField, 'whatever differs between cases'),
  filter: FILTER,
  base: text('what to compare the others with, by its name in the table', String, 'the first'),
  ...METRIC_FLAGS,
  format: choice('on standard output', ['table', 'markdown', 'csv', 'json'], 'table'),
  chart: noFlag('draw charts below the table if chunk or size was swept; --no-chart: none'),
}

export const compare: Command = {
  name: 'compare',
  summary: 'compare files, or the values of a column',
  operands: [{ ...RESULTS, needed: true }],
  flags: FLAGS,
  examples: [
    ['$0 compare before.csv after.csv', 'show each case of both, and whether it changed'],
    ['$0 compare results.csv --by transport', 'compare pairs within one run'],
    ['$0 compare *.csv --by os --format markdown', 'write a table for a pull request'],
  ],
  epilogue:
    'Trials of the same run and round are pairs. Single runs differ by more than their trials show, so between them only a change of 15 % or more counts; bench ab measures pairs.',
  async run(given, terminal, signal) {
    const args = compareArguments(given)
    const { compare } = await import('../actions/compare.ts')
    return unlessInterrupted(terminal, signal, () => compare(terminal, args, signal))
  },
}

/** @throws UsageError */
export function compareArguments({ operands, flags }: Given): CompareArguments {
  const given = readFlags(FLAGS, flags)
  const { by, rows, metric = parseMetric('goodput'), format = 'table' } = given
  if (by === 'verify') throw new UsageError(`--by ${by}: ${INCOMPARABLE}`)
  const twice = rows?.find(field => field === by)
  if (twice) throw new UsageError(`--rows: --by already compares ${titleOfField(twice)}; leave it out`)
  return { ...given, metric, format, files: expandResultNames(operands) }
}

/** Why figures with and without verification cannot be compared. */
const INCOMPARABLE =
  'trials that verify every byte cannot be compared with trials that do not; choose one kind with --filter verify=full'

/** Reads a column with few values. @throws UsageError for a measured one, of which each trial has its own value */
function parseBy(value: string): ColumnName {
  const column = columnByName(value, false)
  if (column === undefined) {
    const near = nearest(value, GROUPING)
    throw new UsageError(
      `no column ${JSON.stringify(value)}; ${near === undefined ? `name one such as os, node_version, engine, transport or chunk; docs/columns.md lists all` : `did you mean ${near}?`}`,
    )
  }
  if (!GROUPING.includes(column))
    throw new UsageError(
      `${column} was measured, and each trial has its own value; name a setting or an environment, such as engine or os; ${METRICS.some(each => each.column === column) ? '--metric' : 'bench report'} shows it`,
    )
  return column
}

/** Columns whose values trials share. */
const GROUPING: readonly ColumnName[] = COLUMNS.filter(
  ({ role, type, perTrial }: Column) =>
    !perTrial && (role !== 'measured' || type === 'string' || type === 'boolean'),
).map(column => column.name)

function parseField(value: string): CellField {
  const column = columnByName(value, true)
  const field = CELL_FIELDS.find(each => each === column)
  if (!field) {
    const names = CELL_FIELDS.map(each => titleOfField(each))
    throw new UsageError(`${JSON.stringify(value)} does not distinguish cases${suggestion(value, names)}`)
  }
  return field
}
