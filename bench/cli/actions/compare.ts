/** `bench compare`: shows files, or the values of a column, side by side: how far apart they are, and how certain that is. */
import { UsageError } from '../../../base/errors.ts'
import { suggestion } from '../../../base/nearest.ts'
import { formatCount } from '../../../base/units.ts'
import { comparedColumns, compareSets, describeSets } from '../../../results/compare/compare-sets.ts'
import type { Comparison } from '../../../results/compare/comparison.ts'
import { comparisonCsv } from '../../../results/compare/csv.ts'
import { comparisonMarkdown, renderComparison } from '../../../results/compare/document.ts'
import { comparisonJson } from '../../../results/compare/json.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { alignReadSides, type ReadSides } from '../../../results/compare/sides.ts'
import { labelsOf } from '../../../results/read/labels.ts'
import { readTrials } from '../../../results/read/read.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { type CellField, shorten, titleOfField, varyingFields } from '../../../results/schema/cells.ts'
import type { ColumnName } from '../../../results/schema/columns.ts'
import type { Selector } from '../../../results/select/selector.ts'
import { showWarnings } from '../show.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

export interface CompareArguments {
  readonly files: readonly string[]
  readonly by: ColumnName | undefined
  readonly rows: readonly CellField[] | undefined
  readonly filter: Selector | undefined
  readonly metric: Metric
  /** Its name in the table. */
  readonly base: string | undefined
  readonly delta: number | undefined
  readonly format: 'table' | 'markdown' | 'csv' | 'json'
  readonly chart: boolean
}

/** Nobody can read more columns than this. */
const MOST_SETS = 50

export async function compare(
  terminal: Terminal,
  args: CompareArguments,
  signal: AbortSignal,
): Promise<ExitCode> {
  // A run of two sides is about these.
  const by = args.by ?? (args.files.length === 1 ? 'side' : undefined)
  const { sets: read, problems } = await readTrials(args.files, {
    ...comparedColumns(args.metric),
    signal,
    ...(args.filter ? { filter: args.filter } : {}),
    ...(by === undefined ? {} : { by }),
  })
  for (const { message } of problems) terminal.err(`${message}\n`)
  checkSets(read, args, by)
  const { sets, fields, unlike } = alignedFor(read, args)
  const comparison = compareSets(sets, {
    metric: args.metric,
    by,
    base: baseOf(sets, args, by),
    fields: args.rows ?? fields,
    unlike,
    filter: args.filter?.text,
    delta: args.delta,
  })
  terminal.out(rendered(comparison, args, terminal))
  if (args.format === 'csv') showWarnings(text => terminal.err(text), terminal, comparison.warnings)
  return EXIT.measured
}

/** Gives the pairs of sides common names, unless `rows` names what the sides differ in. */
function alignedFor(sets: readonly TrialSet[], { rows = [] }: CompareArguments): ReadSides {
  const aligned = alignReadSides(sets)
  const asked: readonly ColumnName[] = rows
  return aligned.unlike.some(({ column }) => asked.includes(column))
    ? { sets, fields: undefined, unlike: [] }
    : aligned
}

function rendered(comparison: Comparison, { format, chart }: CompareArguments, terminal: Terminal): string {
  switch (format) {
    case 'markdown':
      return comparisonMarkdown(comparison)
    case 'csv':
      return comparisonCsv(comparison)
    case 'json':
      return comparisonJson(comparison)
    case 'table':
      return renderComparison(comparison, { width: terminal.width, color: terminal.color, charts: chart })
  }
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

/** Index of the set with this name: in the table, in the rows, or on the command line. */
function baseOf(sets: readonly TrialSet[], args: CompareArguments, by: ColumnName | undefined): number {
  const { base: name, files } = args
  if (name === undefined) return 0
  const labels = describeSets(sets, by).map(each => each.label)
  const ofFile = labelsOf(files)[files.indexOf(name)]
  const shown = labels.indexOf(name)
  const index = shown >= 0 ? shown : sets.findIndex(({ label }) => label === name || label === ofFile)
  if (index < 0)
    throw new UsageError(`--base ${JSON.stringify(name)} does not exist${suggestion(name, labels)}`)
  return index
}
