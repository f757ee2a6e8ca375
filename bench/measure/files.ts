/** Checks the files that a user names before anything runs. */
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, UsageError } from '../../base/errors.ts'
import { makeFolder } from '../../base/folders.ts'
import { fileError, readError } from '../../base/system-errors.ts'
import { formatBytes, formatCount } from '../../base/units.ts'
import { LARGEST_HELD_BYTES } from '../../transports/payload/held-memory.ts'

/** Returns the size in bytes of a file to send. @throws UsageError with one line if it cannot be sent */
export async function checkedFile(path: string): Promise<number> {
  if (path === '') throw new UsageError('cannot send "": the name is empty; name a file')
  const found = await stat(path).catch(error => {
    throw readError(`cannot read ${path}`, error)
  })
  if (found.isDirectory()) throw new UsageError(`cannot send ${path}: it is a folder; name a file in it`)
  if (!found.isFile()) throw new UsageError(`cannot send ${path}: it is not a regular file; copy it to one`)
  if (found.size === 0)
    throw new UsageError(`cannot send ${path}: it is empty; name a file with something in it`)
  if (found.size > LARGEST_HELD_BYTES) {
    throw new UsageError(
      `cannot send ${path}: ${formatBytes(found.size)} is over the ${formatBytes(LARGEST_HELD_BYTES)} that a file may have; use --size for larger payloads`,
    )
  }
  await access(path, constants.R_OK).catch(error => {
    throw readError(`cannot read ${path}`, error)
  })
  return found.size
}

/** @param sizes in bytes, of files that are sent in turn @throws UsageError if they do not fit in memory together */
export function checkTogether(sizes: readonly number[]): void {
  const sum = sizes.reduce((total, bytes) => total + bytes, 0)
  if (sum > LARGEST_HELD_BYTES)
    throw new UsageError(
      `${formatCount(sizes.length)} files with ${formatBytes(sum)} are over the ${formatBytes(LARGEST_HELD_BYTES)} that may be sent in turn; name fewer`,
    )
}

/** Files to send; of a folder those in it, by name, but for hidden ones. @throws UsageError if there is none in one */
export async function filesIn(paths: readonly string[]): Promise<readonly string[]> {
  const all = await Promise.all(
    paths.map(async path => {
      const folder = await stat(path).then(
        found => found.isDirectory(),
        () => false,
      )
      if (!folder) return [path]
      const entries = await readdir(path, { withFileTypes: true }).catch(error => {
        throw readError(`cannot read ${path}`, error)
      })
      const files = entries.filter(each => !each.isDirectory() && !each.name.startsWith('.'))
      if (files.length === 0) throw new UsageError(`cannot send ${path}: there is no file in it`)
      return files.map(each => join(path, each.name)).sort()
    }),
  )
  return all.flat()
}

const ANOTHER = { otherwise: 'name another folder' }

/** Returns a writable folder, creating it if missing. @throws UsageError or SetupError with one line if that fails */
export async function madeFolder(path: string, flag: string): Promise<string> {
  if (path === '') throw new UsageError(`--${flag} "": the name is empty; name a folder`)
  try {
    makeFolder(path)
  } catch (error) {
    // The next step examines an existing one.
    if (errorCode(error) !== 'EEXIST') throw fileError(`--${flag} ${path}: it cannot be made`, error, ANOTHER)
  }
  const found = await stat(path).catch(error => {
    throw fileError(`--${flag} ${path}`, error, { ...ANOTHER, ENOENT: `make it with mkdir -p ${path}` })
  })
  if (!found.isDirectory()) throw new UsageError(`--${flag} ${path}: it is not a folder; name a folder`)
  await access(path, constants.W_OK).catch(error => {
    throw fileError(`--${flag} ${path}`, error, { otherwise: 'name a folder that you may write to' })
  })
  return path
}
