/** Reads result files: CSV, JSON and JSON Lines, whole or damaged. What is valid is used, and the rest is counted and reported. */
import { UsageError } from '../../base/errors.ts'
import type { ColumnName, TrialRecord } from '../schema/columns.ts'
import type { Manifest } from '../schema/manifest.ts'
import type { Selector } from '../select/selector.ts'
import type { FeedOptions } from './feed.ts'
import { readFile } from './file-reader.ts'
import type { FileReport } from './file-report.ts'
import { type FileProblem, problemsOf, type Use } from './file-report.ts'
import { labelsOf } from './labels.ts'
import { recordMaker, wholeRow } from './records.ts'
import { Row } from './row.ts'
import { choiceOf, RepeatCounts, repeats } from './rows-taken.ts'
import type { TrialSet } from './trial-set.ts'
import { TrialSets } from './trial-sets.ts'

export type { FileProblem } from './file-report.ts'

export interface ReadOptions extends FeedOptions {
  /** Numeric and boolean columns that CellTrials shall hold, beside what it always holds. */
  readonly numbers: readonly ColumnName[]
  /** Text columns. */
  readonly texts?: readonly ColumnName[]
  /** Only rows that it chooses. */
  readonly filter?: Selector
  /** Rows with each value of this column become a set of their own, in the order of files, runs and values. */
  readonly by?: ColumnName
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
 * value, when it is cut off, and when its set, or that of another file, has the same trial (run, cell, round and
 * number) already.
 * @throws UsageError when a file cannot be read, and when no file has a row that can be used
 * @throws SetupError when reading fails on the way
 */
export async function readTrials(paths: readonly string[], options: ReadOptions): Promise<ReadResult> {
  const row = new Row(options)
  const target = new TrialSets(row, { ...options, sources: paths.length })
  const labels = labelsOf(paths)
  const reports = await readAll(paths, row, options, {
    begin: source => target.begin(source, labels[source] ?? ''),
    add: () => target.add(),
  })
  const { sets, repeated, copies } = target.finish()
  const problems = paths.flatMap((path, source) => {
    const report = reports[source]
    if (!report) return []
    const [chosen = 0, inSet = 0] = [target.chosen[source], repeated[source]]
    return problemsOf(path, report, {
      chosen,
      repeated: inSet,
      shared: sharedWith(target.shared, source, labels),
      isCopy: copies.includes(source),
      filter: options.filter?.text,
    })
  })
  if (sets.length === 0 && !options.mayBeNone) throw nothing(problems)
  return { sets, manifests: reports.flatMap(report => report.manifests), problems }
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
 * wrong, and each trial (run, cell, round and number) appears once.
 * @throws UsageError when a file cannot be read, and when no file has a row that can be used
 * @throws SetupError when reading fails on the way
 */
export async function readRecords(
  paths: readonly string[],
  { filter, most = MOST_RECORDS, ...options }: RecordsOptions = {},
): Promise<RecordsResult> {
  const row = wholeRow(filter)
  const [isChosen, before, recordOf] = [choiceOf(row), repeats(row), recordMaker(row)]
  const counts = new RepeatCounts()
  const files: { readonly records: TrialRecord[]; chosen: number; repeated: number }[] = []
  let file: (typeof files)[number] = { records: [], chosen: 0, repeated: 0 }
  let count = 0
  const reports = await readAll(paths, row, options, {
    begin() {
      file = { records: [], chosen: 0, repeated: 0 }
      files.push(file)
    },
    add() {
      if (!isChosen()) return
      file.chosen++
      const [source, other] = [files.length - 1, before(files.length - 1)]
      if (other === undefined) {
        file.records.push(recordOf())
        count++
      } else if (other === source) file.repeated++
      else counts.add(source, other)
    },
    isFull: () => count >= most,
  })
  const labels = labelsOf(paths)
  const problems = paths.flatMap((path, source) => {
    const [report, { chosen = 0, repeated = 0 } = {}] = [reports[source], files[source]]
    const shared = sharedWith(counts, source, labels)
    return report
      ? problemsOf(path, report, { chosen, repeated, shared, isCopy: false, filter: filter?.text })
      : []
  })
  if (count === 0) throw nothing(problems)
  const each = files.map(({ records }) => records)
  return { records: each.flat(), files: each, manifests: reports.map(report => report.manifests), problems }
}

interface Target {
  /** Called before the rows of the file of this number. */
  readonly begin: (source: number) => void
  /** Called when the row is set. */
  readonly add: () => void
  /** Whether there are enough rows. */
  readonly isFull?: () => boolean
}

async function readAll(
  paths: readonly string[],
  row: Row,
  options: FeedOptions,
  { begin, add, isFull }: Target,
): Promise<readonly FileReport[]> {
  if (paths.length === 0) throw new UsageError('no file is named; name one that bench wrote')
  if (paths.filter(path => path === '-').length > 1)
    throw new UsageError('standard input (-) is named more than once, and can be read only once')
  const reports: FileReport[] = []
  for (const [source, path] of paths.entries()) {
    begin(source)
    const reading = { row, onRow: add, ...(isFull ? { isFull } : {}) }
    reports.push(await readFile(path, reading, options))
  }
  return reports
}

function sharedWith(counts: RepeatCounts, source: number, labels: readonly string[]): Use['shared'] {
  return [...counts.of(source)].map(([other, rows]) => ({ path: labels[other] ?? '', rows }))
}

function nothing(problems: readonly FileProblem[]): UsageError {
  return new UsageError(`no trial can be read; ${problems.map(({ message }) => message).join('; ')}`)
}
