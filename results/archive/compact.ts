/**
 * Makes tables of the files of a store: Parquet by day, and a catalogue that says which of these count, and which files are in them. The
 * catalogue of the highest number holds. Who publishes one first has it; what others made meanwhile is theirs to remove, so that two
 * writers do no harm, and a reader finds the tables of the catalogue before the latest, too.
 */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { makeFolder } from '../../base/folders.ts'
import type { FileProblem } from '../read/read.ts'
import { intervalsPath } from '../schema/intervals.ts'
import { makeWhole, sync } from '../store/whole-file.ts'
import { type Database, literals, openDatabase, TEMPORARY } from './duckdb.ts'
import { filesIn, storeError, storeFiles, tablesIn } from './folder.ts'
import { keepRuns } from './list.ts'
import { PARQUET, stage } from './staging.ts'
import { INTERVALS, identifier, literal, type Table, TRIALS, typeOf } from './tables.ts'

const daysSchema = z.record(z.string(), z.array(z.string()))
const catalogueSchema = z.object({
  /** Names of the files whose rows are in the tables. */
  files: z.array(z.string()),
  /** By day: the files with its rows. */
  trials: daysSchema,
  intervals: daysSchema,
  /** Those of the files that had intervals beside them. */
  with_intervals: z.array(z.string()).default([]),
  /** Digest of the columns that the tables were made with. */
  columns: z.string().optional(),
})
export type Catalogue = z.infer<typeof catalogueSchema> & { readonly number: number }

/** Tables of other columns, types or keys are made again: what their files lack would be empty in them. */
const COLUMNS_NOW = createHash('sha256')
  .update(
    JSON.stringify(
      [TRIALS, INTERVALS].map(({ name, key, columns }) => [
        name,
        key,
        columns.map(column => [column.name, typeOf(column), column.whenEmpty ?? null]),
      ]),
    ),
  )
  .digest('hex')
  .slice(0, 16)

const NOTHING = { files: [], trials: {}, intervals: {}, with_intervals: [], columns: COLUMNS_NOW }

/** What holds: the latest catalogue whose tables are there; an empty one if files are gone whose rows are in it, or its columns are others. */
export function catalogueOf(store: string): Catalogue {
  const number = latestNumber(store)
  const read = readCatalogue(store, number)
  // It can be made again.
  if (!read) return { ...NOTHING, number }
  const isWhole =
    read.columns === COLUMNS_NOW &&
    read.with_intervals.every(name => hasIntervals(join(filesIn(store), name))) &&
    tablesOf(read).every(name => existsSync(join(tablesIn(store), name))) &&
    read.files.every(name => existsSync(join(filesIn(store), name)))
  return { ...(isWhole ? read : NOTHING), number }
}

function readCatalogue(store: string, number: number): z.infer<typeof catalogueSchema> | undefined {
  try {
    return catalogueSchema.parse(JSON.parse(readFileSync(join(tablesIn(store), nameOf(number)), 'utf8')))
  } catch {
    return undefined
  }
}

function tablesOf({ trials, intervals }: z.infer<typeof catalogueSchema>): readonly string[] {
  return [...Object.values(trials), ...Object.values(intervals)].flat()
}

/** Paths of files that are in no table, or that got their intervals afterwards. @throws UsageError, SetupError */
export function newFiles(store: string, known: Catalogue): readonly string[] {
  const [files, withIntervals] = [new Set(known.files), new Set(known.with_intervals)]
  return storeFiles(store).filter(path => {
    const name = basename(path)
    return !files.has(name) || (!withIntervals.has(name) && hasIntervals(path))
  })
}

const hasIntervals = (path: string) => existsSync(intervalsPath(path))
const latestNumber = (store: string) => Math.max(0, ...catalogueNumbers(store))
const nameOf = (number: number) => `catalogue.${number}.json`

function catalogueNumbers(store: string): readonly number[] {
  if (!existsSync(tablesIn(store))) return []
  return readdirSync(tablesIn(store)).flatMap(
    name => /^catalogue\.(\d+)\.json$/.exec(name)?.slice(1).map(Number) ?? [],
  )
}

export interface Merged {
  /** Paths of the tables, of all days. */
  readonly paths: ReadonlyMap<Table, readonly string[]>
  readonly catalogue: Catalogue
  /** Names of the tables that are new, in the database's folder for what is not kept. */
  readonly made: readonly string[]
  readonly problems: readonly FileProblem[]
}

/**
 * Makes tables of the files that are not in any: those of the days that these have rows of.
 * @throws UsageError, SetupError
 */
export async function mergeNew(
  database: Database,
  store: string,
  known: Catalogue,
  signal?: AbortSignal,
): Promise<Merged> {
  const files = newFiles(store, known)
  // One that comes meanwhile is for the next time.
  const withIntervals = files.filter(hasIntervals)
  const number = known.number + 1
  const { parts, problems } = await stage(database, files, signal)
  const days = { trials: { ...known.trials }, intervals: { ...known.intervals } }
  const made: string[] = []
  const paths = new Map<Table, readonly string[]>()
  for (const table of [TRIALS, INTERVALS]) {
    const named = days[table.name]
    const at = new Map(
      Object.values(named).flatMap(names => names.map(name => [name, join(tablesIn(store), name)])),
    )
    for (const [day, staged] of parts.get(table) ?? []) {
      const own = () => `${day}.${table.name}.${number}.${randomBytes(4).toString('hex')}.parquet`
      const before = named[day] ?? []
      const old = before.map(name => at.get(name) ?? '')
      const news = await onceOnly(database, table, old, staged, () => join(database.temporary, own()))
      if (news.isAll) for (const name of before) at.delete(name)
      const names = news.paths.map(path => {
        const name = own()
        renameSync(path, join(database.temporary, name))
        at.set(name, join(database.temporary, name))
        return name
      })
      made.push(...names)
      named[day] = news.isAll ? names : [...before, ...names]
    }
    paths.set(table, [...at.values()])
  }
  const named = (before: readonly string[], more: readonly string[]) => [
    ...new Set([...before, ...more.map(each => basename(each))]),
  ]
  const catalogue = {
    ...{ files: named(known.files, files), ...days, number, columns: COLUMNS_NOW },
    with_intervals: named(known.with_intervals, withIntervals),
  }
  return { paths, catalogue, made, problems }
}

/** A table in SQL, of several files with columns that may differ. */
export function parquet(paths: readonly string[]): string {
  return `read_parquet(${literals(paths)}, union_by_name = true)`
}

/** More files of one day become one. */
const MOST_PARTS = 8

/** What a day has then: the files before and these, or one instead of all, where a row is there twice or files are many. */
async function onceOnly(
  database: Database,
  { key }: Table,
  old: readonly string[],
  staged: readonly string[],
  pathOf: () => string,
): Promise<{ readonly isAll: boolean; readonly paths: readonly string[] }> {
  const all = parquet([...old, ...staged])
  const columns = key.map(identifier).join(', ')
  const [counts = []] = await database.rows(`SELECT count(*), count(DISTINCT hash(${columns})) FROM ${all}`)
  // Sorting out what is there twice takes whole rows; mostly nothing is.
  const isOnce = counts[0] === counts[1]
  if (isOnce && old.length + staged.length <= MOST_PARTS) return { isAll: false, paths: staged }
  const path = pathOf()
  const rows = isOnce ? `SELECT * FROM ${all}` : `SELECT DISTINCT ON (${columns}) * FROM ${all}`
  await database.run(`COPY (${rows}) TO ${literal(path)} (${PARQUET})`)
  for (const each of staged) rmSync(each)
  return { isAll: true, paths: [path] }
}

export interface Compacted {
  /** How many files are in the tables now that were not before; undefined if another one was quicker. */
  readonly files: number | undefined
  readonly days: number
  readonly problems: readonly FileProblem[]
}

/** Brings all files of a store into its tables. @param anew makes all of these again @throws UsageError, SetupError */
export async function compact(
  store: string,
  { anew = false, signal }: { readonly anew?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Compacted> {
  const latest = catalogueOf(store)
  const known = anew ? { ...NOTHING, number: latest.number } : latest
  const folder = tablesIn(store)
  const fresh = newFiles(store, known).length
  if (fresh === 0 && !anew) return { files: 0, days: Object.keys(known.trials).length, problems: [] }
  try {
    for (const each of [folder, join(store, 'runs')]) makeFolder(each)
    await keepRuns(store, signal)
    using database = await openDatabase(folder, signal)
    const { catalogue, made, problems } = await mergeNew(database, store, known, signal)
    const isPublished = publishTables(store, catalogue, database.temporary, made)
    const days = Object.keys(catalogue.trials).length
    return { files: isPublished ? fresh : undefined, days, problems }
  } catch (thrown) {
    signal?.throwIfAborted()
    throw storeError(store, thrown)
  }
}

/** False if others have published a catalogue meanwhile; theirs holds then. */
function publishTables(
  store: string,
  { number, ...catalogue }: Catalogue,
  from: string,
  made: readonly string[],
): boolean {
  const folder = tablesIn(store)
  if (latestNumber(store) !== number - 1) return false
  for (const name of made) {
    sync(join(from, name))
    renameSync(join(from, name), join(folder, name))
  }
  const text = `${JSON.stringify(catalogue)}\n`
  const isPublished = makeWhole(folder, nameOf(number), path => writeFileSync(path, text))
  if (!isPublished) for (const name of made) rmSync(join(folder, name), { force: true })
  // Others may have gone on from it, or never have seen it: only the latest says what is old.
  if (latestNumber(store) !== number) return false
  if (isPublished) removeOld(store, number)
  return isPublished
}

const DAY_MS = 86_400_000

/** Removes what neither this catalogue names nor the one before it; what is made for the next one stays. */
function removeOld(store: string, number: number): void {
  const folder = tablesIn(store)
  const kept = [number, number - 1].flatMap(each => {
    const read = readCatalogue(store, each)
    return read ? tablesOf(read) : []
  })
  for (const each of readdirSync(folder)) {
    // One that was killed left it.
    if (each.startsWith(TEMPORARY) && Date.now() - statSync(join(folder, each)).mtimeMs > DAY_MS)
      rmSync(join(folder, each), { recursive: true, force: true })
    const [, of] =
      /^(?:.+\.(\d+)\.[0-9a-f]+\.parquet|catalogue\.(\d+)\.json)$/.exec(each)?.filter(Boolean) ?? []
    const isOld = each.startsWith('catalogue.')
      ? Number(of) < number - 1
      : Number(of) <= number && !kept.includes(each)
    if (isOld) rmSync(join(folder, each), { force: true })
  }
}
