/**
 * A folder of runs: one CSV a run, `<run_id>.csv`, so names sort by time. Rows are written under a name that nobody reads, and linked to
 * their own when all of them are on the disk: a run is there whole or not at all, whoever else writes and whenever a writer is
 * killed. Nothing is ever written again or removed. What a killed writer leaves (`.<name>.<random>.tmp`) may be deleted.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../base/errors.ts'
import { makeFolder } from '../../base/folders.ts'
import { groupBy } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { isBesideResults, type Manifest, manifestPath } from '../schema/manifest.ts'
import { encode } from '../store/formats.ts'
import { encodeManifest } from '../store/json.ts'
import { makeWhole, runFileName } from '../store/whole-file.ts'
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
      const name = `${runFileName(id, rows[0].started_at)}.csv`
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

function keep(folder: string, name: string, text: string): KeptRun {
  const added = makeWhole(folder, name, path => writeFileSync(path, text, { flag: 'wx' }))
  return { path: join(folder, name), added }
}
