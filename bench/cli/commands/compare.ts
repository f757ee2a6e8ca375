/** `bench compare` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import { nearest, suggestion } from '../../../base/nearest.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { CELL_FIELDS, type CellField, FIELD_TITLES } from '../../../results/schema/cells.ts'
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
  rows: list('columns that tell rows apart: transport,size', parseField, 'whatever tells cases apart'),
  filter: FILTER,
  base: text('what the others are compared with, as the table calls it', String, 'the first'),
  ...METRIC_FLAGS,
  format: choice('on standard output', ['table', 'markdown', 'csv', 'json'], 'table'),
  chart: noFlag('charts below the table, where chunk or size was swept; --no-chart: without'),
}

export const compare: Command = {
  name: 'compare',
  summary: 'files, or values of a column, beside each other',
  operands: [{ ...RESULTS, needed: true }],
  flags: FLAGS,
  examples: [
    ['$0 compare before.csv after.csv', 'each case of both, and whether it changed'],
    ['$0 compare results.csv --by transport', 'pairs within one run'],
    ['$0 compare *.csv --by os --format markdown', 'for a pull request'],
  ],
  epilogue:
    'Trials of one run and round are pairs. Between single runs, which differ by more than their trials show, only a change of 15 % counts; bench ab measures pairs.',
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
  if (twice) throw new UsageError(`--rows: ${FIELD_TITLES[twice]} is what --by compares; leave it out`)
  return { ...given, metric, format, files: expandResultNames(operands) }
}

/** Figures that do not answer one question. */
const INCOMPARABLE =
  'what looks at every byte and what does not are never compared; choose one with --filter verify=full'

/** A column with few values; of what was measured each trial has its own. */
function parseBy(value: string): ColumnName {
  const column = columnByName(value, false)
  if (column === undefined) {
    const near = nearest(value, GROUPING)
    throw new UsageError(
      `no column ${JSON.stringify(value)}; ${near === undefined ? `as os, node_version, engine, transport or chunk; docs/columns.md has all` : `did you mean ${near}?`}`,
    )
  }
  if (!GROUPING.includes(column))
    throw new UsageError(
      `${column} was measured, and each trial has its own; name what was set or where it ran, as engine or os; ${METRICS.some(each => each.column === column) ? '--metric' : 'bench report'} shows it`,
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
    const names = CELL_FIELDS.map(each => FIELD_TITLES[each])
    throw new UsageError(`${JSON.stringify(value)} tells no cases apart${suggestion(value, names)}`)
  }
  return field
}
