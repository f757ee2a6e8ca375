/** A folder for code that is run: in the cache of the user, and of that user alone. Imports nothing but Node: single executables begin here. */
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

export const FOLDER_NAME = 'tcp-udp-bench'

/**
 * The folder of this program in the cache of the user.
 * @throws for root where it would be in a folder of another user (`sudo` with the HOME of who called it), who could not use it afterwards
 */
export function userCache(
  { XDG_CACHE_HOME = '', LOCALAPPDATA = '' }: NodeJS.ProcessEnv = process.env,
): string {
  const cache = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME
  const usual = process.platform === 'darwin' ? join(homedir(), 'Library/Caches') : join(homedir(), '.cache')
  const folder = join(isAbsolute(cache) ? cache : usual, FOLDER_NAME)
  let made = folder
  while (!existsSync(made) && made !== dirname(made)) made = dirname(made)
  if (process.getuid?.() === 0 && statSync(made).uid !== 0) throw new Error(`${made} belongs to another user`)
  return folder
}

/**
 * Makes it, and the one that it is in, where they are missing.
 * @throws when others own it, or may write there: they could change what is run
 */
export function privateFolder(path: string): string {
  // One at a time: Node makes several without an end where one says ENOENT to whatever is made in it, as /proc does.
  for (const each of [dirname(path), path])
    try {
      mkdirSync(each, { mode: 0o700 })
    } catch (error) {
      if (!existsSync(each)) throw error
    }
  // Windows has none, and its folders of a user are private.
  const uid = process.getuid?.()
  const found = lstatSync(path)
  const isPrivate = found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0
  if (uid !== undefined && !isPrivate)
    throw new Error(`${path} is not a folder that only you can read and write`)
  return path
}
