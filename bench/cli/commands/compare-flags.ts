/** The flags of `bench compare`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import { nearest, suggestion } from '../../../base/nearest.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { CELL_FIELDS, type CellField, FIELD_TITLES } from '../../../results/schema/cells.ts'
import { COLUMNS, type Column, type ColumnName } from '../../../results/schema/columns.ts'
import { columnByName } from '../../../results/select/names.ts'
import { parseSelector, type Selector } from '../../../results/select/selector.ts'
import { expandFileNames } from '../file-names.ts'
import { METRIC_OPTIONS, parseDelta, parseMetric } from '../metric-flags.ts'
import { type Flags, flag, flagList, noFlag, text } from '../options.ts'

const FORMATS = ['table', 'markdown', 'csv', 'json'] as const

export interface CompareArguments {
  readonly files: readonly string[]
  readonly by: ColumnName | undefined
  readonly rows: readonly CellField[] | undefined
  readonly filter: Selector | undefined
  readonly metric: Metric
  /** As it is called in the table. */
  readonly base: string | undefined
  readonly delta: number | undefined
  readonly format: (typeof FORMATS)[number]
  readonly chart: boolean
}

export const COMPARE_OPTIONS = {
  by: text('compare the values of a column: os, engine, host, transport, chunk …', 'the files'),
  rows: text('columns that tell rows apart: transport,size', 'whatever tells cases apart'),
  filter: text('only these rows: "transport=udp-* chunk<=9216 size=800k,1M engine!=node"'),
  base: text('what the others are compared with, as the table calls it', 'the first'),
  ...METRIC_OPTIONS,
  format: { ...text('on standard output', 'table'), choices: FORMATS },
  chart: noFlag('charts below the table, where chunk or size was swept; --no-chart: without'),
} as const satisfies Record<string, Options>

export function describeCompare(builder: Argv) {
  return builder
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'results as bench wrote them: .csv, .json, .jsonl; - is standard input',
    })
    .options(COMPARE_OPTIONS)
    .example('$0 compare before.csv after.csv', 'each case of both, and whether it changed')
    .example('$0 compare results.csv --by transport', 'pairs within one run')
    .example('$0 compare *.csv --by os --format markdown', 'for a pull request')
    .epilogue(
      'Trials of one run and round are pairs. Between single runs, which differ by more than their trials show, only a change of 15 % counts; bench ab measures pairs.',
    )
}

/** @throws UsageError */
export function compareArguments(flags: Flags): CompareArguments {
  const by = flag('by', flags['by'], parseBy)
  const rows = flagList('rows', flags['rows'], parseField)
  if (by === 'verify') throw new UsageError(`--by ${by}: ${INCOMPARABLE}`)
  const twice = rows?.find(field => field === by)
  if (twice) throw new UsageError(`--rows: ${FIELD_TITLES[twice]} is what --by compares; leave it out`)
  return {
    files: expandFileNames([flags['files'] ?? []].flat().map(String)),
    by,
    rows,
    filter: flag('filter', flags['filter'], each => parseSelector(each)),
    metric: flag('metric', flags['metric'], parseMetric) ?? DEFAULT_METRIC,
    base: flag('base', flags['base'], String),
    delta: flag('delta', flags['delta'], parseDelta),
    format: flag('format', flags['format'], parseFormat) ?? 'table',
    chart: flags['chart'] !== false,
  }
}

/** Figures that do not answer one question. */
const INCOMPARABLE =
  'what looks at every byte and what does not are never compared; choose one with --filter verify=full'

const DEFAULT_METRIC = parseMetric('goodput')

function parseFormat(value: string): CompareArguments['format'] {
  const format = FORMATS.find(each => each === value)
  if (!format) throw new UsageError(`unknown format ${JSON.stringify(value)}${suggestion(value, FORMATS)}`)
  return format
}

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
