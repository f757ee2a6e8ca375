/** Reads result files: CSV, JSON and JSON Lines, whole or damaged. What is valid is used, and the rest is told and counted. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../../bench/errors.ts'
import type { ColumnName, TrialRecord } from '../columns.ts'
import { parseRecord } from '../record.ts'
import type { Selector } from '../select/selector.ts'
import { labelsOf } from './labels.ts'
import type { TrialSet } from './trial-set.ts'
import { trialSet } from './trial-set-builder.ts'
import { columnOf, isColumnName, Unusable, valueOfText } from './value.ts'

export interface ReadOptions {
  /** Numeric and boolean columns that CellTrials shall hold, beside what it always holds. */
  readonly numbers: readonly ColumnName[]
  /** Text columns. */
  readonly texts?: readonly ColumnName[]
  /** Only rows that it chooses. */
  readonly filter?: Selector
  /** Rows with each value of this column become a set of their own; default: a set a file. */
  readonly by?: ColumnName
  /** Rows of all files become one set of this label. */
  readonly together?: string
}

export interface ReadResult {
  /** In the order of the paths, or of the values of `by`. A file without a usable row has none. */
  readonly sets: readonly TrialSet[]
  readonly problems: readonly FileProblem[]
}

export interface FileProblem {
  readonly path: string
  /** One line, which begins with the path. */
  readonly message: string
  /** Rows that this problem left out. */
  readonly rowsSkipped: number
  /** Rows of the file, those left out among them. */
  readonly rowsRead: number
}

/**
 * The trials of these files in columns; `-` is standard input.
 * @throws UsageError when a file cannot be read, and when no file has a row that can be used
 */
export async function readTrials(paths: readonly string[], options: ReadOptions): Promise<ReadResult> {
  const problems: FileProblem[] = []
  const files = await Promise.all(
    paths.map(async path => {
      const read = await readRecords([path], options.filter ? { filter: options.filter } : {})
      problems.push(...read.problems)
      return read.records
    }),
  )
  const { by } = options
  if (by !== undefined) {
    const groups = new Map<string, TrialRecord[]>()
    for (const record of files.flat()) {
      const value = String(record[by] ?? 'none')
      groups.set(value, [...(groups.get(value) ?? []), record])
    }
    return { sets: [...groups].map(([label, records]) => trialSet(label, records, options)), problems }
  }
  if (options.together !== undefined)
    return { sets: [trialSet(options.together, files.flat(), options)], problems }
  const labels = labelsOf(paths)
  return {
    sets: files.flatMap((records, at) =>
      records.length > 0 ? [trialSet(labels[at] ?? '', records, options)] : [],
    ),
    problems,
  }
}

/**
 * Whole rows, for what looks at few of them.
 * @throws UsageError when a file cannot be read, and when no file has a row that can be used
 */
export async function readRecords(
  paths: readonly string[],
  options: { readonly filter?: Selector } = {},
): Promise<{ readonly records: readonly TrialRecord[]; readonly problems: readonly FileProblem[] }> {
  const records: TrialRecord[] = []
  const problems: FileProblem[] = []
  for (const path of paths) {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    const names = (lines[0] ?? '').split(',')
    let skipped = 0
    let first = ''
    for (const [at, line] of lines.slice(1, -1).entries()) {
      try {
        const cells = line.split(',')
        const record = parseRecord(
          Object.fromEntries(
            names.flatMap((name, index): [string, unknown][] => {
              if (!isColumnName(name)) return []
              const value = valueOfText(columnOf(name), cells[index] ?? '')
              return [[name, value instanceof Unusable ? cells[index] : value]]
            }),
          ),
        )
        if (!options.filter || options.filter.matches(column => record[column])) records.push(record)
      } catch (thrown) {
        if (!(thrown instanceof UsageError)) throw thrown
        if (skipped++ === 0) first = `line ${at + 2}: ${thrown.message}`
      }
    }
    if (skipped > 0)
      problems.push({
        path,
        message: `${path}: ${skipped} rows left out; the first, ${first}`,
        rowsSkipped: skipped,
        rowsRead: lines.length - 2,
      })
  }
  if (records.length === 0) throw new UsageError(`no trial in ${paths.join(', ')}`)
  return { records, problems }
}
