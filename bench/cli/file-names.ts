/** Names of files as a person writes them: patterns that a shell left as they are (cmd and PowerShell always do) are expanded. */
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { UsageError } from '../../base/errors.ts'
import { resultFiles } from '../../results/schema/manifest.ts'

/**
 * The files that each name stands for, in the order of the names, those of one pattern sorted. A file whose name looks like a
 * pattern is that file.
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

/** The same for results: what describes a run beside them (`.run.json`), and what a pattern names too, is none. @throws UsageError */
export function expandResultNames(names: readonly string[]): readonly string[] {
  return resultFiles(expandFileNames(names))
}
