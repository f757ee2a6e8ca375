/** Reads result files: CSV, JSON and JSON Lines, whole or damaged. What is valid is used, and the rest is counted and reported. */
import { UsageError } from '../../base/errors.ts'
import { COLUMNS, type Column, type ColumnName, type TrialRecord } from '../schema/columns.ts'
import type { Manifest } from '../schema/manifest.ts'
import type { Selector } from '../select/selector.ts'
import type { FeedOptions } from './feed.ts'
import { type Reading, readFile } from './file-reader.ts'
import { type FileProblem, type FileReport, problemsOf, Use } from './file-report.ts'
import { labelsOf } from './labels.ts'
import { Records } from './records.ts'
import { Row, type Wanted } from './row.ts'
import { choiceOf } from './rows-taken.ts'
import type { TrialSet } from './trial-set.ts'
import { TrialSets } from './trial-sets.ts'

export type { FileProblem } from './file-report.ts'

export interface ReadOptions extends FeedOptions, Omit<Wanted, 'whole'> {
  /** Rows of all files become one set of this label; default: a set a file. */
  readonly together?: string
  /** No set is an answer too, rather than an error. */
  readonly mayBeNone?: boolean
}

export interface ReadResult {
  /** Those that have rows. */
  readonly sets: readonly TrialSet[]
  /** How they were measured, where the files say it. */
  readonly manifests: readonly Manifest[]
  /** What was left out or is wrong; the caller has to report it. */
  readonly problems: readonly FileProblem[]
}

/**
 * Reads the trials of these files into columns; `-` is standard input. A row is left out when a column that is read holds an invalid
 * value, when it is cut off, and when its set, or that of another file, has the same flow of a trial (run, cell,
 * round, trial and flow) already. The flows of a trial (`--streams`) are one trial; it is left out, if one of them is missing.
 * @throws UsageError when a file cannot be read, and when no file has a row that can be used
 * @throws SetupError when reading fails on the way
 */
export async function readTrials(paths: readonly string[], options: ReadOptions): Promise<ReadResult> {
  const row = new Row(options)
  const target = new TrialSets(row, paths.length, options.together)
  const labels = labelsOf(paths)
  const begin = (source: number) => target.begin(source, labels[source] ?? '')
  const reports = await readAll(paths, options, { row, begin, onRow: () => target.add() })
  const sets = target.finish()
  const { manifests, problems } = describe(paths, labels, reports, target.uses, options.filter)
  if (sets.length === 0 && !options.mayBeNone) throw nothing(problems)
  return { sets, manifests: manifests.flat(), problems }
}

/** So many records take about 500 MB, since they are held as objects. Callers for any number of rows read columns. */
const MOST_RECORDS = 200_000

export interface RecordsOptions extends FeedOptions {
  readonly filter?: Selector
  /** The most records of all files; default 200,000. */
  readonly most?: number
}

export interface RecordsResult {
  /** Of all files, in their order. */
  readonly records: readonly TrialRecord[]
  /** Of each file. */
  readonly files: readonly (readonly TrialRecord[])[]
  /** How they were measured, where the files say it; of each file. */
  readonly manifests: readonly (readonly Manifest[])[]
  /** What was left out or is wrong; the caller has to report it. */
  readonly problems: readonly FileProblem[]
}

/**
 * Reads whole rows, for callers that need all columns of few rows: the first 200,000, and reports when there are more. Nothing in a row may be
 * wrong, and each flow of a trial (run, cell, round, trial and flow) appears once; of a
 * trial none does, if one is missing.
 * @throws UsageError when a file cannot be read, and when no file has a row that can be used
 * @throws SetupError when reading fails on the way
 */
export async function readRecords(
  paths: readonly string[],
  { filter, most = MOST_RECORDS, ...options }: RecordsOptions = {},
): Promise<RecordsResult> {
  const target = new Records(filter, most)
  const reports = await readAll(paths, options, {
    row: target.row,
    begin: () => target.begin(),
    onRow: () => target.add(),
    isFull: () => target.isFull,
  })
  const { uses } = target
  const files = target.finish()
  const described = describe(paths, labelsOf(paths), reports, uses, filter)
  if (files.every(each => each.length === 0)) throw nothing(described.problems)
  return { records: files.flat(), files, ...described }
}

export interface RowsOptions extends FeedOptions {
  readonly filter?: Selector | undefined
  /** Called before the rows of each file. */
  readonly begin?: (path: string) => void
}

/**
 * Hands on each row that can be used, with all columns, for callers that look at one row at a time; what several files have comes several
 * times. Where a trial ran does not decide whether its row is used. No row is an answer, too.
 * @throws UsageError when a file cannot be read @throws SetupError when reading fails on the way
 */
export async function readRows(
  paths: readonly string[],
  onRow: (row: Row) => void,
  { filter, begin, ...options }: RowsOptions = {},
): Promise<Pick<RecordsResult, 'manifests' | 'problems'>> {
  const row = new Row({ ...OF_ROWS, oneByOne: true, ...(filter ? { filter } : {}) })
  const isChosen = choiceOf(row)
  const uses: Use[] = []
  const reports = await readAll(paths, options, {
    row,
    begin(source) {
      uses[source] = new Use()
      begin?.(paths[source] ?? '')
    },
    onRow() {
      if (!isChosen()) return
      const use = uses.at(-1)
      if (use) use.chosen++
      onRow(row)
    },
  })
  return describe(paths, labelsOf(paths), reports, uses, filter)
}

/** Columns of the environment are always read. */
const OF_ROWS = {
  numbers: namesOf(({ type }) => type !== 'string'),
  texts: namesOf(({ type }) => type === 'string'),
}

function namesOf(isWanted: (column: Column) => boolean): readonly ColumnName[] {
  return COLUMNS.filter(column => column.role !== 'environment' && isWanted(column)).map(({ name }) => name)
}

interface Target extends Reading {
  /** Called before the rows of the file of this number. */
  readonly begin: (source: number) => void
}

async function readAll(
  paths: readonly string[],
  options: FeedOptions,
  { begin, ...reading }: Target,
): Promise<readonly FileReport[]> {
  if (paths.length === 0) throw new UsageError('no file is named; name one that bench wrote')
  if (paths.filter(path => path === '-').length > 1)
    throw new UsageError('standard input (-) is named more than once, and can be read only once')
  const reports: FileReport[] = []
  for (const [source, path] of paths.entries()) {
    begin(source)
    reports.push(await readFile(path, reading, options))
  }
  return reports
}

/** What is to say of the files. @param uses of their rows */
function describe(
  paths: readonly string[],
  labels: readonly string[],
  reports: readonly FileReport[],
  uses: readonly Use[],
  filter: Selector | undefined,
): Pick<RecordsResult, 'manifests' | 'problems'> {
  const problems = reports.flatMap((report, source) =>
    problemsOf(paths[source] ?? '', report, uses[source] ?? new Use(), labels, filter?.text),
  )
  return { manifests: reports.map(report => report.manifests), problems }
}

function nothing(problems: readonly FileProblem[]): UsageError {
  return new UsageError(`no trial can be read; ${problems.map(({ message }) => message).join('; ')}`)
}
