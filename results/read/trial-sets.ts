/** Sorts rows into sets: one for each file, for each value of a column, or one for all. */
import { UsageError } from '../../base/errors.ts'
import { ascending, natural } from '../../base/groups.ts'
import { formatCount } from '../../base/units.ts'
import type { Column } from '../schema/columns.ts'
import type { Value } from '../schema/value.ts'
import type { Dictionary } from './dictionary.ts'
import { Use } from './file-report.ts'
import type { Row } from './row.ts'
import { choiceOf, repeats, TrialSources } from './rows-taken.ts'
import type { TrialSet } from './trial-set.ts'
import { TrialSetBuilder } from './trial-set-builder.ts'

/** A set takes some 10 KB, however few its rows: a history has thousands, a column of figures millions. */
const MOST_SETS = 10_000

export class TrialSets {
  /** By source. */
  readonly uses: Use[] = []
  readonly #row: Row
  readonly #by: Dictionary | undefined
  readonly #together: string | undefined
  readonly #builders: Builder[] = []
  /** By code of the column that sets are made by. */
  readonly #byCode: (Builder | undefined)[] = []
  #source = -1
  #use = new Use()
  #current: Builder | undefined
  readonly #isChosen: () => boolean
  readonly #runs: Dictionary
  /** Sets are those of sources, which may hold the same trials. */
  readonly #apart: boolean
  /** By code of the run: the first source that has it, and whether another one has it too. */
  readonly #firstSources: number[] = []
  readonly #sharedRuns = new Set<number>()
  readonly #known = new TrialSources()
  readonly #before: (source: number) => number | undefined

  /** @param sources how many there are @param together as in ReadOptions */
  constructor(row: Row, sources: number, together?: string) {
    const { by } = row.wanted
    this.#row = row
    this.#by = by && row.dictionary(by)
    this.#together = together
    this.#isChosen = choiceOf(row)
    // A set finds its own repetitions when it is finished.
    this.#apart = sources > 1 && by === undefined && together === undefined
    this.#before = repeats(row, this.#known)
    this.#runs = row.dictionary('run_id')
  }

  /** Rows that follow are of the source of this number, whose set is called `label`. */
  begin(source: number, label: string): void {
    this.#source = source
    this.#use = new Use()
    this.uses[source] = this.#use
    if (this.#by) return
    if (this.#together === undefined || !this.#current) this.#current = this.#builder(this.#together ?? label)
  }

  /** Takes the row as it now is, unless the filter leaves it out. */
  add(): void {
    if (!this.#isChosen()) return
    this.#use.chosen++
    const before = this.#apart ? this.#sourceBefore() : undefined
    if (before !== undefined && before !== this.#source) {
      this.#use.share(before)
      if (this.#current) this.#current.copy ??= new TrialSetBuilder(this.#row)
      this.#current?.copy?.add(this.#source)
      return
    }
    const builder = this.#by ? this.#builderOf(this.#by) : this.#current
    if (!builder) throw new Error('a row before its source')
    builder.rows.add(this.#source)
  }

  /** All sets that have rows; `uses` say what became of the others. */
  finish(): readonly TrialSet[] {
    const finished = this.#builders.flatMap(({ label, rank, rows, copy, first }) => {
      // A source that has nothing else is a copy, and is its own set after all.
      const own = rows.size === 0 && copy ? copy : rows
      if (own.size === 0) return []
      const { set, repeated, partial } = own.finish(label)
      for (const [source, use] of this.uses.entries()) {
        use.repeated += repeated[source] ?? 0
        use.partial += partial[source] ?? 0
        if (source === first) use.isCopy = own === copy
      }
      return set.cells.length > 0 ? [{ set, first, rank }] : []
    })
    if (this.#by) sortSets(finished)
    return finished.map(({ set }) => set)
  }

  /** The source that has the trial of the row already. Trials are only noted one by one where several sources hold their run. */
  #sourceBefore(): number | undefined {
    const run = this.#row.codes[this.#runs.slot] ?? 0
    this.#firstSources[run] ??= this.#source
    const first = this.#firstSources[run]
    if (first === this.#source) return undefined
    if (!this.#sharedRuns.has(run)) {
      this.#sharedRuns.add(run)
      this.#builders.find(each => each.first === first)?.rows.noteTrials(run, this.#known, first)
    }
    return this.#before(this.#source)
  }

  #builderOf({ column, slot, values }: Dictionary): Builder {
    const code = this.#row.codes[slot] ?? 0
    const known = this.#byCode[code]
    if (known) return known
    if (this.#builders.length === MOST_SETS)
      throw new UsageError(
        `the column ${column.name} has over ${formatCount(MOST_SETS)} values, which are too many sets; choose one with few, as engine or os`,
      )
    const value = values[code]
    const builder = this.#builder(value === undefined ? 'none' : String(value), rankOf(column, code, value))
    this.#byCode[code] = builder
    return builder
  }

  #builder(label: string, rank = 0): Builder {
    const builder: Builder = { label, rank, rows: new TrialSetBuilder(this.#row), first: this.#source }
    this.#builders.push(builder)
    return builder
  }
}

interface Builder {
  readonly label: string
  /** Of the value that all its rows have, among others of one run. */
  readonly rank: number
  readonly rows: TrialSetBuilder
  /** Trials that other sources have too. */
  copy?: TrialSetBuilder
  /** The source of its first row. */
  readonly first: number
}

/** First what a setting is when nobody asks for it, so that the others are compared with it; then the values as their column lists them. */
function rankOf(column: Column, code: number, value: Value): number {
  // An empty cell that means nothing in particular is a value like others.
  const isSetting = column.role !== 'identity' && (column.title !== undefined || column.unset !== undefined)
  if ((code === 0 && isSetting) || (value !== undefined && value === column.usual)) return DEFAULT
  return typeof value === 'string' ? (column.values?.indexOf(value) ?? 0) : 0
}

const DEFAULT = -1

/**
 * What a setting is by default; the others in the order of the files, then of the runs, then of the values: runs that were given or made one after the other stay so, and
 * what one interleaved run has measured stands in an order that its seed has no part in.
 */
function sortSets(finished: (Pick<Builder, 'first' | 'rank'> & { readonly set: TrialSet })[]): void {
  const begin = new Map<string, string>()
  for (const { set } of finished)
    for (const { id, startedAt } of set.runs) {
      const known = begin.get(id)
      if (known === undefined || startedAt < known) begin.set(id, startedAt)
    }
  const moments = new Map(
    finished.map(({ set }) => [set, set.runs.map(({ id }) => begin.get(id) ?? '').sort()[0] ?? '']),
  )
  finished.sort(
    (a, b) =>
      Number(b.rank === DEFAULT) - Number(a.rank === DEFAULT) ||
      a.first - b.first ||
      ascending(moments.get(a.set) ?? '', moments.get(b.set) ?? '') ||
      a.rank - b.rank ||
      natural(a.set.label, b.set.label),
  )
}
