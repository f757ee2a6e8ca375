/** Collecting garbage when a test or benchmark says so, where memory is what it looks at. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A full collection. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('this Node has no gc()')
  return () => collect()
}
