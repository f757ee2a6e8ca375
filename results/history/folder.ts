/**
 * A folder of runs: one CSV a run, `<run_id>.csv`, so names sort by time. Rows are written under a name that nobody reads, and linked to
 * their own when all of them are on the disk: a run is there whole or not at all, whoever else writes and whenever a writer is
 * killed. Nothing is ever written again or removed. What a killed writer leaves (`.<name>.<random>.tmp`) may be deleted.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../base/errors.ts'
import { makeFolder } from '../../base/folders.ts'
import { groupBy } from '../../base/groups.ts'
import { filesIn, isStore, resultsIn, storedName, storeFiles } from '../archive/folder.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type Manifest, manifestPath } from '../schema/manifest.ts'
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
 * Keeps rows in `folder` (made when it is not there), or in a store, a file for each run among them, and how they were measured beside it.
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
    const place = isStore(folder) ? filesIn(folder) : folder
    return [...groupBy(records, each => each.run_id)].map(([id, rows]) => {
      const text = encode('csv', rows)
      const run = runFileName(id, rows[0].started_at)
      const name = `${place === folder ? run : storedName(run, text)}.csv`
      // First: rows are whole with all that belongs to them.
      if (manifest) keep(place, manifestPath(name), encodeManifest(manifest))
      return keep(place, name, text)
    })
  } catch (thrown) {
    throw folderError(folder, thrown, 'write to')
  }
}

/**
 * The files of results in a folder, or in a store, by name, with any that a person has put there (`.csv`, `.json`, `.jsonl`, `.ndjson`).
 * Undefined when there is no such folder.
 * @throws UsageError, SetupError when it cannot be read
 */
export function historyFiles(folder: string): readonly string[] | undefined {
  try {
    return isStore(folder) ? storeFiles(folder) : resultsIn(folder)
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT' && folder !== '') return undefined
    throw folderError(folder, thrown, 'read')
  }
}

function keep(folder: string, name: string, text: string): KeptRun {
  const added = makeWhole(folder, name, path => writeFileSync(path, text, { flag: 'wx' }))
  return { path: join(folder, name), added }
}
