/**
 * A store: a folder with files of results, which are only ever added (`files/`), what is known of their runs (`runs/`), and tables in Parquet
 * (`tables/`), which are made of the files and can always be made again.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { errorCode, errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import { makeFolder } from '../../base/folders.ts'
import { sumOf } from '../../base/groups.ts'
import { fileError, readError } from '../../base/system-errors.ts'
import { piecesOf } from '../read/feed.ts'
import type { FileProblem } from '../read/read.ts'
import { intervalsPath } from '../schema/intervals.ts'
import { isBesideResults, manifestPath } from '../schema/manifest.ts'
import { formatOf } from '../store/formats.ts'
import { writeWhole } from '../store/open-file.ts'
import { makeWhole, publish, runFileName, sync } from '../store/whole-file.ts'
import { runsOf, runsText } from './runs.ts'

const MARK = 'bench-store.json'
const VERSION = 1
const markSchema = z.object({ record: z.literal('store'), store_version: z.int() })

/** Its folders. */
export const filesIn = (store: string) => join(store, 'files')
export const tablesIn = (store: string) => join(store, 'tables')
export const runsFile = (store: string, name: string) => join(store, 'runs', `${name}.json`)

export function isStore(folder: string): boolean {
  return existsSync(join(folder, MARK))
}

/** @throws UsageError when it is not one, or a newer version made it */
function checkStore(store: string): void {
  let text: string
  try {
    text = readFileSync(join(store, MARK), 'utf8')
  } catch (thrown) {
    throw readError(`cannot read the store ${store || '""'}`, thrown, {
      ENOENT: ['it is not a store', `make one with bench store add ${store || 'DIR'} FILE`],
      ENOTDIR: ['it is not a folder', 'name a store'],
    })
  }
  const mark = markSchema.safeParse(parsed(text)).data
  if (!mark || mark.store_version > VERSION)
    throw new UsageError(
      `cannot read the store ${store}: ${mark ? `it has version ${mark.store_version}, newer than this program’s ${VERSION}` : `${MARK} is damaged; write {"record":"store","store_version":${VERSION}} to it`}`,
    )
}

/** Makes a store of a new or empty folder. @throws UsageError, SetupError */
export function makeStore(store: string): void {
  try {
    makeFolder(store)
    if (!isStore(store)) {
      const [other] = readdirSync(store).filter(
        name => !name.startsWith('.') && ![MARK, 'files', 'runs', 'tables'].includes(name),
      )
      if (other !== undefined)
        throw new UsageError(
          `${store} is not a store, and has other files (${other}); name a new or an empty folder`,
        )
      const mark = `${JSON.stringify({ record: 'store', store_version: VERSION })}\n`
      makeWhole(store, MARK, path => writeFileSync(path, mark))
    }
    for (const folder of [filesIn(store), join(store, 'runs'), tablesIn(store)]) makeFolder(folder)
  } catch (thrown) {
    throw thrown instanceof UsageError ? thrown : storeError(store, thrown)
  }
  checkStore(store)
}

/** The files of results in a store, by name. @throws UsageError, SetupError when they cannot be read */
export function storeFiles(store: string): readonly string[] {
  checkStore(store)
  try {
    return resultsIn(filesIn(store))
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return []
    throw readError(`cannot read the store ${store}`, thrown)
  }
}

/** The files of results in a folder, by name. @throws errors of the file system */
export function resultsIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && isResults(entry.name))
    .map(entry => join(folder, entry.name))
    .sort()
}

function isResults(name: string): boolean {
  return !name.startsWith('.') && !isBesideResults(name) && /\.(?:csv|json|jsonl|ndjson)$/i.test(name)
}

export interface Added {
  readonly path: string
  /** False: the store has these bytes already. */
  readonly added: boolean
  readonly rows: number
  readonly problems: readonly FileProblem[]
}

/**
 * Copies a file of results into a store, with what stands beside it. Its name is that of its first run and of its bytes, so that a file
 * is there once; and it is there whole, or not at all.
 * @param path `-` is standard input @throws UsageError when it has no row that can be used @throws SetupError when the disk is full
 */
export async function addFile(store: string, path: string, signal?: AbortSignal): Promise<Added> {
  const files = filesIn(store)
  const copy = join(files, `.${randomBytes(6).toString('hex')}.tmp.${formatOf(path)}`)
  try {
    const digest = await copyTo(copy, path, store, signal)
    for (const beside of BESIDE)
      if (path !== '-' && existsSync(beside(path)))
        trying(store, () => copyWritable(beside(path), beside(copy)))
    const { runs, problems } = await runsOf([copy], signal)
    const said = problems.map(each => ({ ...each, message: each.message.replaceAll(copy, path) }))
    const [first] = runs
    if (!first) throw new UsageError(`${path} is not added: ${said.map(each => each.message).join('; ')}`)
    const name = `${storedName(runFileName(first.run_id, first.started_at), digest)}.${formatOf(path)}`
    const rows = sumOf(runs, each => each.rows)
    return trying(store, () => {
      const into = (from: string, to: string) => {
        sync(from)
        return publish(from, join(files, to))
      }
      // First: rows are whole with all that belongs to them.
      const news = BESIDE.filter(beside => existsSync(beside(copy)) && into(beside(copy), beside(name)))
      if (news.length > 0) rmSync(runsFile(store, name), { force: true })
      makeWhole(join(store, 'runs'), `${name}.json`, temporary => writeFileSync(temporary, runsText(runs)))
      return { path: join(files, name), added: into(copy, name), rows, problems: said }
    })
  } finally {
    for (const each of [copy, ...BESIDE.map(beside => beside(copy))]) rmSync(each, { force: true })
  }
}

/** Of a file that may only be read a copy may not be written to either, which bringing it to the disk needs. */
function copyWritable(from: string, to: string): void {
  copyFileSync(from, to)
  chmodSync(to, statSync(to).mode | 0o600)
}

/** What stands beside results. */
const BESIDE = [manifestPath, intervalsPath]

/** Returns the digest (SHA-256) of what was copied. */
async function copyTo(copy: string, path: string, store: string, signal?: AbortSignal): Promise<Buffer> {
  const hash = createHash('sha256')
  const descriptor = trying(store, () => openSync(copy, 'wx'))
  try {
    for await (const piece of piecesOf(path, { ...(signal ? { signal } : {}) })) {
      if (signal?.aborted) throw signal.reason
      hash.update(piece)
      trying(store, () => writeWhole(descriptor, piece))
    }
  } finally {
    closeSync(descriptor)
  }
  return hash.digest()
}

/** The name of a file, without its extension. @param run that of its first run @param bytes of the file, or their digest */
export function storedName(run: string, bytes: string | Buffer): string {
  const digest = typeof bytes === 'string' ? createHash('sha256').update(bytes).digest() : bytes
  return `${run}-${digest.toString('hex', 0, 8)}`
}

function trying<T>(store: string, write: () => T): T {
  try {
    return write()
  } catch (thrown) {
    throw storeError(store, thrown)
  }
}

/** Why a store cannot be written to, in one line. What was added before stays. */
export function storeError(store: string, thrown: unknown): Error {
  if (thrown instanceof UsageError || thrown instanceof SetupError) return thrown
  if (errorCode(thrown) === undefined)
    return thrown instanceof Error ? thrown : new Error(errorMessage(thrown))
  const noFolder = ['it is not a folder', 'name a folder'] as const
  const forbidden = 'name a folder that you may write to'
  return fileError(`cannot write to the store ${store || '""'}`, thrown, {
    ENOENT: ['nothing can be created there', 'name another folder'],
    ...{ EEXIST: noFolder, ENOTDIR: noFolder, EACCES: forbidden, EPERM: forbidden },
    otherwise: 'name a store on another disk',
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
