/** What was read of a file and what was not. */
import type { Manifest } from '../schema/manifest.ts'

export class Tally {
  /** All rows, those that were left out among them. */
  rows = 0
  skipped = 0
  /** Rows that were not looked at, since there were enough. */
  unread = 0
  /** Of the first row that was left out: where and why. */
  first: string | undefined
  /** Whether there are enough rows. */
  readonly isFull: () => boolean

  constructor(isFull: () => boolean) {
    this.isFull = isFull
  }

  /** Counts a row that nobody looks at. */
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

/** What is to be told of a file. */
export interface FileReport {
  readonly tally: Tally
  /** Names in it that are no columns. */
  readonly unknown: Set<string>
  /** What was measured and how: one for each run that says it. */
  readonly manifests: Manifest[]
  /** What is worth a line of its own. */
  readonly notes: string[]
  /** Why nothing of it can be used. */
  unusable?: string
}
