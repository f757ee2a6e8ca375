/**
 * A folder of runs: one CSV a run, `<run_id>.csv`, so names sort by time. Rows are written under a name that nobody reads, and linked to
 * their own when all of them are on the disk: a run is there whole or not at all, whoever else writes and whenever a writer is
 * killed. Nothing is ever written again or removed. What a killed writer leaves (`.<name>.<random>.tmp`) may be deleted.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../base/errors.ts'
import { makeFolder } from '../../base/folders.ts'
import { groupBy } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isBesideResults, type Manifest, manifestPath } from '../schema/manifest.ts'
import { encode } from '../store/formats.ts'
import { encodeManifest } from '../store/json.ts'
import { folderError } from './folder-error.ts'

export interface KeptRun {
  readonly path: string
  /** False: the folder has this run already, and is as it was. */
  readonly added: boolean
}

/**
 * Keeps rows in `folder` (made when it is not there), a file for each run among them, and how they were measured beside it.
 * @throws UsageError when the folder cannot be had, or not be written to
 * @throws SetupError when the machine is out of something (disk, descriptors)
 */
export function appendRuns(
  folder: string,
  records: readonly TrialRecord[],
  manifest?: Manifest,
): readonly KeptRun[] {
  try {
    makeFolder(folder)
    return [...groupBy(records, each => each.run_id)].map(([id, rows]) => {
      const name = fileName(id, rows[0].started_at)
      // First: rows are whole with all that belongs to them.
      if (manifest) keep(folder, manifestPath(name), encodeManifest(manifest))
      return keep(folder, name, encode('csv', rows))
    })
  } catch (thrown) {
    throw folderError(folder, thrown, 'write to')
  }
}

/**
 * The files of results in a folder, by name, with any that a person has put there (`.csv`, `.json`, `.jsonl`, `.ndjson`). Undefined
 * when there is no such folder.
 * @throws UsageError, SetupError when it cannot be read
 */
export function historyFiles(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && isResults(entry.name))
      .map(entry => join(folder, entry.name))
      .sort()
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT' && folder !== '') return undefined
    throw folderError(folder, thrown, 'read')
  }
}

function isResults(name: string): boolean {
  return !name.startsWith('.') && !isBesideResults(name) && /\.(?:csv|json|jsonl|ndjson)$/i.test(name)
}

/** A run's own name; an untrusted one (it comes from a file) does not become part of a path. */
function fileName(runId: string, startedAt: string | undefined): string {
  if (/^\d{8}T\d{6}Z-[a-z]{4}$/.test(runId)) return `${runId}.csv`
  const moment = new Date(startedAt ?? '')
  const stamp = Number.isNaN(moment.getTime()) ? 'undated' : moment.toISOString().slice(0, 19)
  const digest = createHash('sha256').update(runId).digest('hex').slice(0, 12)
  return `${stamp.replaceAll(/[-:]/g, '')}Z-${digest}.csv`
}

function keep(folder: string, name: string, text: string): KeptRun {
  const path = join(folder, name)
  const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const descriptor = openSync(temporary, 'wx')
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    return { path, added: publish(temporary, path) }
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Gives a file its name; false when something has it. */
function publish(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path)
    return true
  } catch (thrown) {
    const code = errorCode(thrown) ?? ''
    if (code === 'EEXIST') return false
    if (!LINKLESS.has(code)) throw thrown
    // The name has the run's random letters in it: who takes it meanwhile has the same rows.
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
