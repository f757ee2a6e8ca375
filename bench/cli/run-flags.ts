/** The flags of `bench run`, most of which other commands share: what to measure, where, and what to do with the results. */
import { UsageError } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { METRICS_EXAMPLES, parseMetricsOutput } from '../../results/metrics/metrics.ts'
import type { ColumnName } from '../../results/schema/columns.ts'
import { NOTE_MOST } from '../../results/schema/manifest.ts'
import { columnByName, noColumn } from '../../results/select/names.ts'
import { formatOf } from '../../results/store/formats.ts'
import type { Overrides } from '../../scenarios/blocks.ts'
import { AROUND_FLAGS } from './around.ts'
import { parseCommit } from './commit.ts'
import { expandFileNames } from './file-names.ts'
import { choice, type FlagValues, grouped, list, noFlag, repeated, text, yes } from './flags.ts'
import { SERVER_FLAGS, serverIdentity } from './hosts-flags.ts'
import { parseMoment } from './moment.ts'
import { CSV_DIALECT, PLUGIN } from './options.ts'
import { GROUPS, SETTING_FLAGS, settingValues } from './setting-flags.ts'

const { keep, ...OTHER_SETTINGS } = SETTING_FLAGS

const RESULT_FLAGS = {
  keep,
  commit: text('commit under test, for the column commit: a hash or a name', parseCommit),
  out: {
    ...repeated(
      `file to write the rows to (.csv, .json or .jsonl); also ${METRICS_EXAMPLES}`,
      text => parseMetricsOutput(text) ?? text,
    ),
    defaultDescription: 'bench-results/<UTC time>-<scenario>.csv',
    alias: 'o',
  },
  note: text('a line about this run, stored with its results and shown with them again', parseNote),
  force: yes('overwrite the file of --out'),
  format: choice('what standard output shows', ['table', 'csv', 'json', 'jsonl'], 'table'),
  'csv-dialect': CSV_DIALECT,
  columns: list('columns of the CSV in --out, and on standard output, in this order', parseColumn, 'all'),
  quiet: { ...yes('print only the results: no progress, no charts'), alias: 'q' },
  chart: noFlag('draw charts below the table; --no-chart: none'),
}

export const RUN_FLAGS = {
  ...OTHER_SETTINGS,
  ...grouped(GROUPS.ends, { plugin: PLUGIN, ...SERVER_FLAGS }, ['token-file']),
  ...grouped(GROUPS.rounds, {
    'start-at': text('begin at that moment: 2027-01-31T08:00Z, or 08:00 of this host', text =>
      parseMoment(text),
    ),
    ...AROUND_FLAGS,
  }),
  ...grouped('Results:', RESULT_FLAGS, ['out', 'format', 'quiet']),
}

/** What to measure, where, and what to do with the results. */
export interface RunArguments extends ReturnType<typeof runArguments> {
  /** Flags that need another host may be for the other side. */
  readonly spare?: boolean
}

/** @param scenarios names or paths; if empty, the flags describe the run @throws UsageError when only one of two flags that belong together is given */
export function runArguments(
  scenarios: readonly string[],
  flags: FlagValues<typeof RUN_FLAGS>,
  overrides = overridesOf(flags),
) {
  const { commit, note, force, quiet, chart, format, columns, 'csv-dialect': dialect } = flags
  const [out, ...more] = flags.out.filter(each => typeof each === 'string')
  if (more.length > 0) throw new UsageError('--out names more than one file for the rows; name one')
  if (dialect !== 'rfc4180' && format !== 'csv' && out !== undefined && formatOf(out) !== 'csv')
    throw new UsageError(`--csv-dialect: ${out} is no CSV; name a .csv with --out, or leave it out`)
  if (columns && format !== 'csv' && (out === undefined || formatOf(out) !== 'csv'))
    throw new UsageError('--columns chooses columns of a CSV; add --out FILE.csv, or --format csv')
  const metrics = flags.out.filter(each => typeof each !== 'string')
  return {
    ...{ scenarios: [...new Set(expandFileNames(scenarios))], overrides, servers: serverIdentity(flags) },
    ...{ commit, out, note, metrics, dialect, columns, force, format, quiet, chart },
    startAt: flags['start-at'],
  }
}

/** One line; blanks in a row count as one. @throws UsageError */
export function parseNote(text: string): string {
  const line = harmless(text.replaceAll(/\s+/g, ' ').trim())
  if (line === '' || line.length > NOTE_MOST)
    throw new UsageError(`a note has 1 to ${NOTE_MOST} characters, got ${line.length}`)
  return line
}

function parseColumn(text: string): ColumnName {
  const name = columnByName(text, false)
  if (name === undefined) throw new UsageError(noColumn(text, false))
  return name
}

/** The settings that flags override. @throws UsageError for a pattern that no file matches */
export function overridesOf(flags: FlagValues<typeof RUN_FLAGS>): Overrides {
  const values = settingValues(flags)
  return values.files ? { ...values, files: expandFileNames(values.files) } : values
}
