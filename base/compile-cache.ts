/** Keeps code that Node has compiled from one start to the next, where Node can: 22.8 and later. */
import { existsSync, lstatSync, mkdirSync } from 'node:fs'
import * as loader from 'node:module'
import { isAbsolute, join } from 'node:path'

/** Not in the types of the oldest Node that this runs on. */
interface Keeping {
  readonly enableCompileCache?: (folder: string) => unknown
  readonly flushCompileCache?: () => void
}
const { enableCompileCache, flushCompileCache }: Keeping = Object(loader)

/**
 * In the user's own folder for such things, since code in one where others write (`HOME` under sudo) may be anybody's. Where it cannot be
 * written, nothing is kept.
 */
export function keepCompiled({ XDG_CACHE_HOME, HOME, LOCALAPPDATA }: NodeJS.ProcessEnv = process.env): void {
  const usual = HOME ? join(HOME, '.cache') : LOCALAPPDATA
  const cache = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : usual
  if (!enableCompileCache || !cache) return
  // The single executable unpacks itself beside it.
  const own = join(cache, 'tcp-udp-bench')
  const compiled = join(own, 'compiled')
  if ([cache, own, compiled].every(isMade) && [own, compiled].every(isOurs)) enableCompileCache(compiled)
}

/** One folder at a time: Node makes several without an end where one says ENOENT to whatever is made in it, as /proc does. */
function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 })
    return true
  } catch {
    return existsSync(folder)
  }
}

function isOurs(folder: string): boolean {
  const { uid, mode } = lstatSync(folder)
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}

/** Writes what has been compiled by now, for a process that will be ended. */
export function writeCompiled(): void {
  flushCompileCache?.()
}
