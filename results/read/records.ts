/** Rows as whole records. */
import { COLUMNS, type ColumnName, type TrialRecord } from '../schema/columns.ts'
import { flowsOf } from '../schema/fold.ts'
import { parseRecord } from '../schema/record.ts'
import type { Value } from '../schema/value.ts'
import type { Selector } from '../select/selector.ts'
import { Use } from './file-report.ts'
import { Row } from './row.ts'
import { choiceOf, repeats } from './rows-taken.ts'

/** Gathers the rows of several files, up to `most`. */
export class Records {
  /** Of each file. */
  readonly files: TrialRecord[][] = []
  readonly uses: Use[] = []
  readonly row: Row
  readonly #most: number
  readonly #isChosen: () => boolean
  readonly #before: (source: number) => number | undefined
  #count = 0

  constructor(filter: Selector | undefined, most: number) {
    const ofType = (isText: boolean) =>
      COLUMNS.filter(({ type }) => (type === 'string') === isText).map(({ name }) => name)
    const columns = { numbers: ofType(false), texts: ofType(true) }
    this.row = new Row({ whole: true, ...columns, ...(filter ? { filter } : {}) })
    this.#most = most
    this.#isChosen = choiceOf(this.row)
    this.#before = repeats(this.row)
  }

  get isFull(): boolean {
    return this.#count >= this.#most
  }

  /** The rows of each file, without those of trials that lack some of their flows. */
  finish(): readonly (readonly TrialRecord[])[] {
    const partial = new Set(flowsOf(this.files.flat()).partial)
    if (partial.size === 0) return this.files
    return this.files.map((records, source) => {
      const whole = records.filter(each => !partial.has(each))
      const use = this.uses[source]
      if (use) use.partial += records.length - whole.length
      return whole
    })
  }

  begin(): void {
    this.files.push([])
    this.uses.push(new Use())
  }

  /** Takes the row as it now is, unless the filter leaves it out or a file had it before. */
  add(): void {
    const [records, use] = [this.files.at(-1), this.uses.at(-1)]
    if (!records || !use || !this.#isChosen()) return
    use.chosen++
    const source = this.files.length - 1
    const before = this.#before(source)
    if (before === source) use.repeated++
    else if (before !== undefined) use.share(before)
    else {
      records.push(recordOf(this.row))
      this.#count++
    }
  }
}

/** A key is absent where its cell is empty. */
function recordOf(row: Row): TrialRecord {
  const values: Partial<Record<ColumnName, Value>> = {}
  for (const { name } of row.columns) {
    const value = row.value(name)
    if (value !== undefined) values[name] = value
  }
  // What it returns is half the size of an object that got its keys one by one.
  return parseRecord(values)
}
