/** Opens a file for writing that must not exist yet; explains in one line why it cannot. */
import {
  constants,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errorCode, UsageError } from '../../base/errors.ts'
import { makeFolder } from '../../base/folders.ts'
import { fileError } from '../../base/system-errors.ts'

export interface OpenOptions {
  /** A new file replaces an existing one (`--force`); another program that writes the old one continues, and notices at the end. */
  readonly overwrite: boolean
  /** Makes the folder that it goes to (the default `bench-results/`). */
  readonly makeFolder?: boolean
  /** The flag that names it; `out` by default. */
  readonly flag?: string
}

/**
 * A descriptor for writing, of an empty file or of a device or pipe.
 * @throws UsageError when the file exists, its folder does not, or it may not be written
 * @throws SetupError when the machine is out of something (disk, descriptors)
 */
export function openFile(
  path: string,
  { overwrite, makeFolder: inNewFolder = false, flag = 'out' }: OpenOptions,
): number {
  try {
    // Devices and pipes (/dev/stdout, /dev/full) exist always and lose nothing.
    if (kindOf(path) === 'special') return openSync(path, WITHOUT_WAITING)
    if (inNewFolder) makeFolder(dirname(path))
    if (overwrite) {
      // What a link leads to keeps its place.
      if (isLink(path)) return openSync(path, 'w+')
      rmSync(path, { force: true })
    }
    return openSync(path, 'wx+')
  } catch (thrown) {
    throw openError(path, `--${flag}`, thrown)
  }
}

/** A pipe that nobody reads would not even be opened, and one that is not read any more takes nothing; no signal is seen meanwhile. */
const WITHOUT_WAITING = constants.O_WRONLY | constants.O_NONBLOCK

/** How long a reader may take for what is in its pipe. */
const READER_MS = 10_000
const AGAIN_MS = 5

/** Writes all of it, at `position` or where the file is. @throws the system's error; `EAGAIN` when a reader takes nothing for 10 s */
export function writeWhole(descriptor: number, bytes: Uint8Array, position?: number): void {
  let waitedMs = 0
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done
    try {
      done += writeSync(descriptor, bytes, done, bytes.length - done, at)
      waitedMs = 0
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN' || waitedMs >= READER_MS) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS)
      waitedMs += AGAIN_MS
    }
  }
}

/**
 * Opens a file that belongs to one of results, which has just been made: what stands there and begins like it belongs to rows that are gone.
 * @throws UsageError, SetupError as `openFile`
 */
export function openBeside(path: string, begins: string, { overwrite }: OpenOptions): number {
  return openFile(path, { overwrite: overwrite || beginsWith(path, begins) })
}

/** A file of its own, and no link. One that cannot be read may be anything. */
export function beginsWith(path: string, text: string): boolean {
  try {
    return lstatSync(path).isFile() && readFileSync(path, 'utf8').startsWith(text)
  } catch {
    return false
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

/** What a link leads to, which may not exist yet; any other name as it is. */
export function placeOf(path: string): string {
  return isLink(path) ? resolve(dirname(path), readlinkSync(path)) : path
}

export function kindOf(path: string): 'file' | 'folder' | 'special' | undefined {
  try {
    const stats = statSync(path)
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'special'
  } catch {
    return undefined
  }
}

/** What files of these flags may be called. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '--json': 'verdict.json',
  '--junit': 'junit.xml',
  '--benchmark-json': 'benchmark.json',
}

function openError(path: string, flag: string, thrown: unknown): Error {
  const what = `cannot write to ${path || '""'}`
  if (path === '') return new UsageError(`${what}: the name is empty; name a file with ${flag}`)
  if (path.endsWith('/') || kindOf(path) === 'folder') {
    const inside = `${path.replace(/\/+$/, '')}/${EXAMPLES[flag] ?? 'results.csv'}`
    return new UsageError(`${what}: it is a folder; name a file in it, as ${inside}`)
  }
  const folder = dirname(path)
  const elsewhere = `name another place with ${flag}`
  const noFolder = [`${folder} is not a folder`, elsewhere] as const
  const forbidden = `name a place that you may write to with ${flag}`
  return fileError(what, thrown, {
    // Also what mkdir says of a folder whose place a file has taken.
    EEXIST: kindOf(folder) === 'folder' ? 'choose another name or pass --force' : noFolder,
    // /proc has folders in which no file can be made.
    ENOENT:
      kindOf(folder) === 'folder'
        ? ['no file can be created there', elsewhere]
        : [`there is no folder ${folder}`, `create it with mkdir -p ${folder}, or ${elsewhere}`],
    ENOTDIR: noFolder,
    EACCES: forbidden,
    EPERM: forbidden,
    ENXIO: ['nothing reads this pipe', `start its reader first, as cat ${path}, or name a file with ${flag}`],
    otherwise: elsewhere,
  })
}
