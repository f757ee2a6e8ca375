/** What was read of a file, what was not, and what is said about it: one line each. */

import { quoted } from '../../base/foreign-text.ts'
import { formatCount } from '../../base/units.ts'
import { shorten } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'

export class Tally {
  /** All rows, those that were left out among them. */
  rows = 0
  skipped = 0
  /** Rows that were not read, since there were enough. */
  unread = 0
  /** Of the first row that was left out: where and why. */
  first: string | undefined
  /** Whether there are enough rows. */
  readonly isFull: () => boolean

  constructor(isFull: () => boolean) {
    this.isFull = isFull
  }

  /** Counts a row that is not read. */
  pass(): void {
    this.rows++
    this.unread++
  }

  /** Counts a row that is left out. */
  skip(number: number, reason: string, what = 'line'): void {
    this.rows++
    this.skipped++
    this.first ??= `${what} ${number.toLocaleString('en-US')}: ${reason}`
  }
}

/** What there is to report about a file. */
export interface FileReport {
  readonly tally: Tally
  /** Names of unknown columns. */
  readonly unknown: Set<string>
  /** What was measured and how: one for each run that says it. */
  readonly manifests: Manifest[]
  /** What is worth a line of its own. */
  readonly notes: string[]
  /** Why nothing of it can be used. */
  unusable?: string
}

export interface FileProblem {
  readonly path: string
  /** One line, which begins with the path. */
  readonly message: string
  /** Rows that were left out for it. */
  readonly rowsSkipped: number
  /** All rows of the file. */
  readonly rowsRead: number
  /** Nothing is wrong with it; the filter chose none of its rows. */
  readonly notChosen?: true
}

/** What became of the rows of a file that could be used. */
export interface Use {
  /** Rows that the filter chose. */
  readonly chosen: number
  /** Of these: trials that the set had before, or this file. */
  readonly repeated: number
  /** And trials that other files have too. */
  readonly shared: readonly { readonly path: string; readonly rows: number }[]
  /** It has no other trials, and is read nevertheless. */
  readonly isCopy: boolean
  /** What the filter says. */
  readonly filter: string | undefined
}

export function problemsOf(path: string, report: FileReport, use: Use): readonly FileProblem[] {
  const { tally, unknown, notes, unusable } = report
  const name = path === '-' ? 'standard input' : path
  const problem = (message: string, rowsSkipped = 0): FileProblem => ({
    path,
    message: `${name}: ${message}`,
    rowsSkipped,
    rowsRead: tally.rows,
  })
  if (unusable !== undefined) return [problem(unusable, tally.rows)]
  const problems: FileProblem[] = []
  const usable = tally.rows - tally.skipped - tally.unread
  if (tally.rows === 0) problems.push(problem('it has no rows; was the run killed before its first trial?'))
  if (tally.skipped > 0)
    problems.push(
      problem(`${ofRows(tally.skipped, tally.rows)} left out; the first, ${tally.first}`, tally.skipped),
    )
  if (usable > 0 && use.chosen === 0)
    problems.push({
      ...problem(`none of its ${rows(usable)} is chosen by ${use.filter ?? ''}`),
      notChosen: true,
    })
  for (const shared of use.shared)
    problems.push(
      use.isCopy
        ? problem(`it has trials of the same run as ${shorten(shared.path)}: the two cannot differ`)
        : problem(
            `${ofRows(shared.rows, tally.rows)} left out: ${shorten(shared.path)} has these trials too`,
            shared.rows,
          ),
    )
  if (use.repeated > 0)
    problems.push(
      problem(
        `${ofRows(use.repeated, tally.rows)} left out: their trials were read before (was a file given twice, or concatenated from others?)`,
        use.repeated,
      ),
    )
  if (tally.unread > 0)
    problems.push(
      problem(
        `${ofRows(tally.unread, tally.rows)} not read: there are more than fit in memory; choose with --filter`,
        tally.unread,
      ),
    )
  problems.push(...notes.map(note => problem(note)))
  if (unknown.size > 0)
    problems.push(problem(`${unknownColumns([...unknown])} not used (did a newer version write it?)`))
  return problems
}

function rows(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`
}

function ofRows(some: number, all: number): string {
  return `${formatCount(some)} of ${rows(all)}`
}

function unknownColumns(names: readonly string[]): string {
  const shown = names.slice(0, 3).map(name => quoted(name))
  const more = names.length > 3 ? ` and ${formatCount(names.length - 3)} more` : ''
  return `${names.length === 1 ? 'an unknown column' : 'unknown columns'} ${shown.join(', ')}${more}`
}
