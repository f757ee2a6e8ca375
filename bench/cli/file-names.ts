/** Expands the patterns in file names that a shell left as they are (cmd and PowerShell always do). */
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { UsageError } from '../../base/errors.ts'
import { isStore, storeFiles } from '../../results/archive/folder.ts'
import { resultFiles } from '../../results/schema/manifest.ts'

/**
 * Returns the files that each name stands for, in the order of the names, those of one pattern sorted. An existing file whose name
 * looks like a pattern stands for itself.
 * @throws UsageError for a pattern that no file matches
 */
export function expandFileNames(names: readonly string[], platform = process.platform): readonly string[] {
  return names.flatMap(name => {
    const pattern = platform === 'win32' ? name.replaceAll('\\', '/') : name
    if (!isDynamicPattern(pattern) || existsSync(name)) return [name]
    const files = globSync(pattern, { expandDirectories: false, absolute: isAbsolute(name) }).sort()
    if (files.length === 0) throw new UsageError(`no file matches ${name}; check the path`)
    return files
  })
}

/**
 * The same for results: a store stands for its files; and what stands beside them (`.run.json`, `.intervals.csv`), which a pattern may match,
 * too, is left out. @throws UsageError, for a store without any file, too
 */
export function expandResultNames(names: readonly string[]): readonly string[] {
  return resultFiles(names.flatMap(name => (isStore(name) ? filesOf(name) : expandFileNames([name]))))
}

function filesOf(store: string): readonly string[] {
  const files = storeFiles(store)
  if (files.length > 0) return files
  throw new UsageError(`the store ${store} has no files; bench store add ${store} FILE adds some`)
}
