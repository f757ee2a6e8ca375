/**
 * Files that are there whole or not at all, whoever else writes and whenever a writer is killed: written under a name that nobody reads,
 * brought to the disk, and linked to their own. What a killed writer leaves (`.<name>.<random>.tmp`) may be deleted.
 */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../base/errors.ts'

/**
 * Makes a file of what `write` puts at the path that it gets. Returns false, with all as it was, when something has that name already.
 * @throws errors of the file system
 */
export function makeWhole(folder: string, name: string, write: (temporary: string) => void): boolean {
  const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    write(temporary)
    sync(temporary)
    return publish(temporary, join(folder, name))
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** The name of a run among files, which sorts by time; an untrusted one (it comes from a file) does not become part of a path. */
export function runFileName(runId: string, startedAt: string | undefined): string {
  if (/^\d{8}T\d{6}Z-[a-z]{4}$/.test(runId)) return runId
  const moment = new Date(startedAt ?? '')
  const stamp = Number.isNaN(moment.getTime()) ? 'undated' : moment.toISOString().slice(0, 19)
  const digest = createHash('sha256').update(runId).digest('hex').slice(0, 12)
  return `${stamp.replaceAll(/[-:]/g, '')}Z-${digest}`
}

/** Brings a file to the disk. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Gives a file its name; false when something has it. */
export function publish(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path)
    return true
  } catch (thrown) {
    const code = errorCode(thrown) ?? ''
    if (code === 'EEXIST') return false
    if (!LINKLESS.has(code)) throw thrown
    // Who takes the name meanwhile has the same in it: it says what that is.
    if (existsSync(path)) return false
    renameSync(temporary, path)
    return true
  }
}

/** What file systems without hard links say (FAT, some shares). */
const LINKLESS = new Set([
  'EPERM',
  'EACCES',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
  'UNKNOWN',
])
