/** The runs of a store. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { groupBy } from '../../base/groups.ts'
import { makeWhole } from '../store/whole-file.ts'
import { runsFile, storeFiles } from './folder.ts'
import { byBeginning, parseRuns, runsOf, runsText, type StoredRun } from './runs.ts'

/**
 * All runs, the earliest first. Rows are read only of files for which it was not kept what runs they have, and of those that share one.
 * @throws UsageError, SetupError
 */
export async function listRuns(store: string, signal?: AbortSignal): Promise<readonly StoredRun[]> {
  const files = []
  for (const path of storeFiles(store))
    files.push({ path, runs: keptRuns(store, path) ?? (await runsOf([path], signal)).runs })
  const byRun = groupBy(
    files.flatMap(({ path, runs }) => runs.map(run => ({ path, run }))),
    ({ run }) => run.run_id,
  )
  const shared = [...byRun.values()].filter(each => each.length > 1)
  const paths = [...new Set(shared.flat().map(each => each.path))]
  const recounted = paths.length > 0 ? (await runsOf(paths, signal)).runs : []
  const ids = new Set(shared.map(([{ run }]) => run.run_id))
  const own = [...byRun.values()].flatMap(([{ run }]) => (ids.has(run.run_id) ? [] : [run]))
  return [...own, ...recounted.filter(each => ids.has(each.run_id))].sort(byBeginning)
}

/** Keeps what runs the files have that came without it: those that a person put there, or bench check. @throws UsageError, SetupError */
export async function keepRuns(store: string, signal?: AbortSignal): Promise<void> {
  for (const path of storeFiles(store)) {
    const name = basename(path)
    if (existsSync(runsFile(store, name))) continue
    const text = runsText((await runsOf([path], signal)).runs)
    makeWhole(join(store, 'runs'), `${name}.json`, temporary => writeFileSync(temporary, text))
  }
}

function keptRuns(store: string, path: string): readonly StoredRun[] | undefined {
  try {
    return parseRuns(readFileSync(runsFile(store, basename(path)), 'utf8'))
  } catch {
    // Whoever puts a file there by hand has none.
    return undefined
  }
}
