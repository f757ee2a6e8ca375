/** What was read of a file, what was not, and what is said about it: one line each. */

import { quoted } from '../../base/foreign-text.ts'
import { counted, formatCount } from '../../base/units.ts'
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
export class Use {
  /** Rows that the filter chose. */
  chosen = 0
  /** Of these: trials that the set had before, or this file. */
  repeated = 0
  /** Rows of trials of which other flows are missing. */
  partial = 0
  /** And trials that other files have too, by number of the file. */
  readonly shared = new Map<number, number>()
  /** It has no other trials, and is read nevertheless. */
  isCopy = false

  /** Counts a trial that another file has too. */
  share(source: number): void {
    this.shared.set(source, (this.shared.get(source) ?? 0) + 1)
  }
}

/** @param labels of all files @param filter what it says */
export function problemsOf(
  path: string,
  report: FileReport,
  use: Use,
  labels: readonly string[],
  filter: string | undefined,
): readonly FileProblem[] {
  const { tally, unknown, notes, unusable } = report
  const name = path === '-' ? 'standard input' : path
  const problems: FileProblem[] = []
  const say = (message: string, facts: Partial<FileProblem> = {}) => {
    problems.push({ path, message: `${name}: ${message}`, rowsSkipped: 0, rowsRead: tally.rows, ...facts })
  }
  const sayOfSome = (count: number, what: string) => {
    if (count > 0)
      say(`${formatCount(count)} of ${counted(tally.rows, 'row')} ${what}`, { rowsSkipped: count })
  }
  if (unusable !== undefined) {
    say(unusable, { rowsSkipped: tally.rows })
    return problems
  }
  const usable = tally.rows - tally.skipped - tally.unread
  if (tally.rows === 0) say('it has no rows; was the run killed before its first trial?')
  sayOfSome(tally.skipped, `left out; the first, ${tally.first}`)
  if (usable > 0 && use.chosen === 0)
    say(`none of its ${counted(usable, 'row')} is chosen by ${filter ?? ''}`, { notChosen: true })
  for (const [source, count] of use.shared) {
    const other = shorten(labels[source] ?? '')
    if (use.isCopy) say(`it has trials of the same run as ${other}: the two cannot differ`)
    else sayOfSome(count, `left out: ${other} has these trials too`)
  }
  sayOfSome(
    use.repeated,
    'left out: their trials were read before (was a file given twice, or concatenated from others?)',
  )
  sayOfSome(
    use.partial,
    'left out: rows of other flows of their trials are missing (was the run killed, or does --filter choose only some?)',
  )
  sayOfSome(tally.unread, 'not read: there are more than fit in memory; choose with --filter')
  for (const note of notes) say(note)
  const ignored = [...unknown].map(each => quoted(each))
  if (ignored.length > 0)
    say(`ignored ${listColumns('unknown column', ignored, 3)} (did a newer version write it?)`)
  return problems
}

/** `the columns a, b, c and 3 more` */
export function listColumns(what: string, names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${formatCount(names.length - most)} more` : ''
  return `the ${what}${names.length === 1 ? '' : 's'} ${names.slice(0, most).join(', ')}${more}`
}
