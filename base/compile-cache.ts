/** Keeps code that Node has compiled from one start to the next, where Node can: 22.8 and later. */
import * as loader from 'node:module'
import { join } from 'node:path'
import { privateFolder, userCache } from './private-folder.ts'

/** Not in the types of the oldest Node that this runs on. */
interface Keeping {
  readonly enableCompileCache?: (folder: string) => unknown
  readonly flushCompileCache?: () => void
}
const { enableCompileCache, flushCompileCache }: Keeping = Object(loader)

/** In the user's own folder for such things, since code in a shared one may be anybody's. Where there is none, nothing is kept. */
export function keepCompiled(): void {
  if (!enableCompileCache) return
  try {
    // A single executable unpacks itself beside it.
    enableCompileCache(privateFolder(join(privateFolder(userCache()), 'compiled')))
  } catch {
    // It starts as well without.
  }
}

/** Writes what has been compiled by now, for a process that will be ended. */
export function writeCompiled(): void {
  flushCompileCache?.()
}
