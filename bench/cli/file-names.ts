/** Expands the patterns in file names that a shell left as they are (cmd and PowerShell always do). */
import { existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { UsageError } from '../../base/errors.ts'
import { isStore, storeFiles } from '../../results/archive/folder.ts'
import { resultFiles } from '../../results/schema/manifest.ts'

/**
 * Returns the files that each name stands for, in the order of the names, those of one pattern sorted. An existing file or folder whose
 * name looks like a pattern stands for itself, as in `C:\\Program Files (x86)\\*.csv`.
 * @throws UsageError for a pattern that no file matches
 */
export function expandFileNames(names: readonly string[], platform = process.platform): readonly string[] {
  const isWindows = platform === 'win32'
  return names.flatMap(name => {
    const pattern = isWindows ? name.replaceAll('\\', '/') : name
    if (!isDynamicPattern(pattern) || existsSync(name)) return [name]
    let cwd = dirname(pattern)
    while (!existsSync(cwd)) cwd = dirname(cwd)
    const options = { cwd, expandDirectories: false, caseSensitiveMatch: !isWindows }
    const files = globSync(posix.relative(cwd, pattern), options).sort()
    if (files.length === 0) throw new UsageError(`no file matches ${name}; check the path`)
    return files.map(file => join(cwd, file))
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
