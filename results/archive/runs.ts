/** The runs of files: when, where, what, and how many rows. Kept beside the files of a store, so that a list of them reads no rows. */
import * as z from 'zod'
import { ascending } from '../../base/groups.ts'
import { type FileProblem, readRows } from '../read/read.ts'
import { CELL_WIDTH, type Row } from '../read/row.ts'
import { Tuples } from '../read/tuples.ts'
import type { Value } from '../schema/value.ts'

const runSchema = z.object({
  run_id: z.string(),
  /** Of its first trial. */
  started_at: z.string(),
  host: z.string().optional(),
  commit: z.string().optional(),
  scenarios: z.array(z.string()),
  cases: z.int(),
  rows: z.int(),
  note: z.string().optional(),
})
export type StoredRun = z.infer<typeof runSchema>

/** The runs of these files together, the earliest first; a row that is in several of them counts once. @throws as `readRows` */
export async function runsOf(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly runs: readonly StoredRun[]; readonly problems: readonly FileProblem[] }> {
  const found = new Map<string, RunInRows>()
  let file = -1
  const onRow = (row: Row) => {
    const id = String(row.value('run_id'))
    const run = found.get(id) ?? new RunInRows(row, id)
    found.set(id, run)
    run.files.add(file)
    run.add(row)
  }
  const begin = () => void file++
  const { manifests, problems } = await readRows(paths, onRow, { begin, ...(signal ? { signal } : {}) })
  const runs = [...found.values()].map(each => {
    const facts = each.facts()
    const said = [...each.files].flatMap(at => manifests[at] ?? [])
    said.sort((a, b) => ascending(a.started_at, b.started_at))
    // Rows begin after the command that measured them; only a run that was resumed has rows of before, and is alone in its file.
    const own = said.findLast(({ started_at }) => started_at <= facts.started_at)
    const { note } = own ?? (found.size === 1 ? said[0] : undefined) ?? {}
    return { ...facts, ...(note === undefined ? {} : { note }) }
  })
  return { runs: runs.sort(byBeginning), problems }
}

export function byBeginning(a: StoredRun, b: StoredRun): number {
  return ascending(a.started_at, b.started_at) || ascending(a.run_id, b.run_id)
}

export function runsText(runs: readonly StoredRun[]): string {
  return `${JSON.stringify(runs, undefined, 1)}\n`
}

/** What `runsText` made; undefined if it is damaged. */
export function parseRuns(text: string): readonly StoredRun[] | undefined {
  try {
    return z.array(runSchema).parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

class RunInRows {
  /** Numbers of those that have rows of it. */
  readonly files = new Set<number>()
  readonly #id: string
  readonly #host: Value
  readonly #cells: Tuples
  readonly #scenarios = new Set<string>()
  /** Trials of each cell and flow. */
  readonly #trials = new Map<string, Rising>()
  #commit: Value
  #startedAt: string
  #rows = 0

  constructor(row: Row, id: string) {
    this.#id = id
    this.#host = row.value('host')
    this.#cells = new Tuples(row.codes.subarray(0, CELL_WIDTH))
    this.#startedAt = row.startedAt()
  }

  /** Counts the row, unless it came before. */
  add(row: Row): void {
    const key = `${this.#cells.number()} ${row.value('flow') ?? 1}`
    const trials = this.#trials.get(key) ?? new Rising()
    this.#trials.set(key, trials)
    if (!trials.add(Number(row.value('trial')))) return
    this.#rows++
    this.#commit ??= row.value('commit')
    this.#scenarios.add(String(row.value('scenario') ?? ''))
    const startedAt = row.startedAt()
    if (startedAt < this.#startedAt) this.#startedAt = startedAt
  }

  facts(): StoredRun {
    const text = (name: 'host' | 'commit', value: Value) =>
      value === undefined ? {} : { [name]: String(value) }
    return {
      run_id: this.#id,
      started_at: this.#startedAt,
      ...text('host', this.#host),
      ...text('commit', this.#commit),
      scenarios: [...this.#scenarios],
      cases: this.#cells.all.length,
      rows: this.#rows,
    }
  }
}

/** Numbers that mostly rise, each once. */
class Rising {
  readonly #numbers: number[] = []

  /** False if it was there before. */
  add(number: number): boolean {
    const last = this.#numbers.at(-1) ?? Number.NEGATIVE_INFINITY
    if (number > last) return this.#numbers.push(number) > 0
    // The first that is not smaller.
    let [from, to] = [0, this.#numbers.length - 1]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#numbers[middle] ?? 0) < number) from = middle + 1
      else to = middle
    }
    if (this.#numbers[from] === number) return false
    this.#numbers.splice(from, 0, number)
    return true
  }
}
