/** Folders of the file system. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from './errors.ts'

/**
 * Makes a folder, with all above it. `recursive` of Node never comes back where nothing can be made (/proc), and keeps the process.
 * @throws errors of the file system
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (thrown) {
    const code = errorCode(thrown)
    if (code === 'EEXIST' && statSync(path).isDirectory()) return
    if (code !== 'ENOENT' || path === '' || existsSync(dirname(path))) throw thrown
    makeFolder(dirname(path))
    makeFolder(path)
  }
}
