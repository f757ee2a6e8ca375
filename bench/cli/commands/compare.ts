/** `bench compare`: shows files, or the values of a column, side by side: how far apart they are, and how certain that is. */
import { UsageError } from '../../../base/errors.ts'
import { nearest, suggestion } from '../../../base/nearest.ts'
import { formatCount } from '../../../base/units.ts'
import { isStore } from '../../../results/archive/folder.ts'
import { comparedColumns, compareSets, describeSets } from '../../../results/compare/compare-sets.ts'
import type { Comparison } from '../../../results/compare/comparison.ts'
import { comparisonCsv } from '../../../results/compare/csv.ts'
import { comparisonMarkdown, renderComparison } from '../../../results/compare/document.ts'
import { comparisonJson } from '../../../results/compare/json.ts'
import { METRICS, RTT, USUAL_METRICS, usualMetric } from '../../../results/compare/metrics.ts'
import { probesBlocks } from '../../../results/compare/probes.ts'
import { searchesBlocks } from '../../../results/compare/searches.ts'
import { type AlignedSides, alignReadSides } from '../../../results/compare/sides.ts'
import type { Block } from '../../../results/document/model.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { labelsOf } from '../../../results/read/labels.ts'
import { purposeOf } from '../../../results/read/manifests.ts'
import { readTrials } from '../../../results/read/read.ts'
import { hasValues, type TrialSet } from '../../../results/read/trial-set.ts'
import {
  CELL_FIELDS,
  type CellField,
  shorten,
  titleOfField,
  varyingFields,
} from '../../../results/schema/cells.ts'
import { COLUMNS, type Column, type ColumnName } from '../../../results/schema/columns.ts'
import { columnByName } from '../../../results/select/names.ts'
import type { Selector } from '../../../results/select/selector.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import { BUILT_IN_ENGINES } from '../../../transports/engines/engines.ts'
import type { Command, Given } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { choice, list, noFlag, readFlags, text } from '../flags.ts'
import { METRIC_FLAGS } from '../metric-flags.ts'
import { CSV_DIALECT, FILTER } from '../options.ts'
import { readStored } from '../stored.ts'
import { EXIT } from '../terminal.ts'

/** Nobody can read more columns than this. */
const MOST_SETS = 50

const FLAGS = {
  by: text('compare the values of a column: os, engine, host, transport, chunk …', parseBy, 'the files'),
  rows: list('columns that make the rows: transport,size', parseField, 'whatever differs between cases'),
  filter: FILTER,
  base: text(
    'what to compare the others with, by its name in the table',
    String,
    'the first, or what a setting is by default',
  ),
  ...METRIC_FLAGS,
  format: choice('on standard output', ['table', 'markdown', 'csv', 'json'], 'table'),
  'csv-dialect': CSV_DIALECT,
  chart: noFlag('draw charts below the table if chunk or size was swept; --no-chart: none'),
}

export const compare: Command = {
  flags: FLAGS,
  examples: [
    ['$0 compare before.csv after.csv', 'show each case of both, and whether it changed'],
    ['$0 compare results.csv --by transport', 'compare pairs within one run'],
    ['$0 compare *.csv --by os --format markdown', 'write a table for a pull request'],
  ],
  epilogue:
    'Trials of the same run and round are pairs. Single runs differ by more than their trials show, so between them only a change of 15 % or more counts; bench ab measures pairs.',
  before: 'everything was read',
  async run(given, { terminal, signal }) {
    const args = compareArguments(given)
    const { files, rows, filter, delta, format, chart } = args
    const isPlain = [args.by, args.base, args.metric, rows].every(each => each === undefined)
    const own = isPlain && format === 'table' ? await ownBlocks(files, filter, { signal }) : undefined
    if (own) {
      for (const problem of own.problems) terminal.err(`${problem}\n`)
      terminal.out(renderBlocks(own.blocks, terminal))
      return EXIT.measured
    }
    // A run of two sides is about these.
    const by = args.by ?? (files.length === 1 ? 'side' : undefined)
    const { sets: read, problems } = await readTrials(files, {
      ...comparedColumns(...(args.metric ? [args.metric] : USUAL_METRICS)),
      signal,
      ...(filter ? { filter } : {}),
      ...(by === undefined ? {} : { by }),
    })
    for (const { message } of problems) terminal.err(`${message}\n`)
    checkSets(read, args, by)
    const isKnown = (column: ColumnName) => read.some(set => hasValues(set, column))
    // Loads are never alone: what differs is the round trips of the requests beside them.
    const ofRequests = by === 'beside' && isKnown(RTT.column)
    const metric = args.metric ?? (ofRequests ? RTT : usualMetric(isKnown))
    const { sets, fields, unlike } = alignedFor(read, args)
    const base = baseOf(sets, args, by)
    const options = { metric, by, base, fields: rows ?? fields, unlike, filter: filter?.text, delta }
    const comparison = compareSets(sets, options)
    if (format === 'table') terminal.out(renderComparison(comparison, { ...terminal, charts: chart }))
    else terminal.data(DOCUMENTS[format](comparison, args['csv-dialect']))
    const notes = format === 'csv' ? comparison.warnings : []
    if (notes.length > 0) terminal.err(`${renderWarnings(notes, { width: terminal.width, color: false })}\n`)
    return EXIT.measured
  },
}

/** What several searches or probes found, which says more than their rows do; undefined where not all files are of one kind. */
async function ownBlocks(
  files: readonly string[],
  filter: Selector | undefined,
  context: { readonly signal: AbortSignal },
): Promise<{ readonly blocks: readonly Block[]; readonly problems: readonly string[] } | undefined> {
  const [purpose, ...more] = new Set(files.map(purposeOf))
  if (files.length < 2 || purpose === undefined || more.length > 0) return undefined
  const stored = await readStored({ files, filter }, context)
  const [first, ...others] = stored.files.map(each => ({ ...each, summaries: summarize(each.records) }))
  if (!first) return undefined
  const several = [first, ...others] as const
  const blocks = purpose === 'search' ? searchesBlocks(several) : probesBlocks(several)
  return { blocks, problems: stored.problems }
}

const DOCUMENTS = {
  markdown: (comparison: Comparison) => comparisonMarkdown(comparison),
  csv: comparisonCsv,
  json: (comparison: Comparison) => comparisonJson(comparison),
}

type CompareArguments = ReturnType<typeof compareArguments>

/** @throws UsageError */
export function compareArguments({ operands, flags }: Given) {
  const given = readFlags(FLAGS, flags)
  const { by, rows, format, 'csv-dialect': dialect } = given
  if (dialect !== 'rfc4180' && format !== 'csv')
    throw new UsageError('--csv-dialect is for --format csv; add that, or leave it out')
  if (by === 'verify') throw new UsageError(`--by ${by}: ${INCOMPARABLE}`)
  const twice = rows?.find(field => field === by)
  if (twice) throw new UsageError(`--rows: --by already compares ${titleOfField(twice)}; leave it out`)
  const store = operands.find(isStore)
  if (store !== undefined && by === undefined)
    throw new UsageError(
      `${store} is a store, whose runs are not yet two sets; say what to compare in it with --by commit, host or run_id, and choose with --filter 'commit=abc*,def*'`,
    )
  return { ...given, files: expandResultNames(operands) }
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

/** Gives the pairs of sides common names, unless `rows` names what the sides differ in. */
function alignedFor(sets: readonly TrialSet[], { rows = [] }: CompareArguments): AlignedSides {
  const aligned = alignReadSides(sets)
  const asked: readonly ColumnName[] = rows
  return aligned.unlike.some(({ column }) => asked.includes(column))
    ? { sets, fields: undefined, unlike: [] }
    : aligned
}

function checkSets(sets: readonly TrialSet[], args: CompareArguments, by: ColumnName | undefined): void {
  if (sets.length > MOST_SETS)
    throw new UsageError(
      `${by === undefined ? `${formatCount(sets.length)} files` : `--by ${by}: ${formatCount(sets.length)} values`} are too many to compare; choose at most ${MOST_SETS} with --filter`,
    )
  const [only] = sets
  if (!only || sets.length > 1) return
  if (args.by !== undefined)
    throw new UsageError(
      `--by ${args.by}: all rows have the same value, ${shorten(only.label)}; name another column or more files`,
    )
  if (args.files.length > 1)
    throw new UsageError(
      `only ${shorten(only.label)} has rows that can be used; there is nothing to compare it with`,
    )
  const varying = varyingFields(only.cells.map(each => each.cell)).map(field => titleOfField(field))
  const inside = varying.length > 0 ? `, or --by ${varying.slice(-3).join(', --by ')} within this one` : ''
  throw new UsageError(`one file has nothing to compare it with; name a second one${inside}`)
}

/** Index of the engine that is chosen when nobody asks, of those that were measured. */
function preferredEngine(sets: readonly TrialSet[]): number {
  const preferred = BUILT_IN_ENGINES.map(({ name }) => sets.findIndex(({ label }) => label === name))
  return preferred.find(index => index >= 0) ?? 0
}

/** Index of the set with this name: in the table, in the rows, or on the command line. */
function baseOf(sets: readonly TrialSet[], args: CompareArguments, by: ColumnName | undefined): number {
  const { base: name, files } = args
  if (name === undefined) return by === 'engine' ? preferredEngine(sets) : 0
  const labels = describeSets(sets, by).map(each => each.label)
  const ofFile = labelsOf(files)[files.indexOf(name)]
  const shown = labels.indexOf(name)
  const index = shown >= 0 ? shown : sets.findIndex(({ label }) => label === name || label === ofFile)
  if (index < 0)
    throw new UsageError(`--base ${JSON.stringify(name)} does not exist${suggestion(name, labels)}`)
  return index
}
