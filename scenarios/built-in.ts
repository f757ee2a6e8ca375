/** Where the built-in scenarios are. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Data beside the sources, which the package carries as it is; this file runs as dist/scenarios/built-in.js. */
const BUILT_IN = fileURLToPath(new URL('../../scenarios/', import.meta.url))

export function builtInNames(): readonly string[] {
  const files = readdirSync(BUILT_IN).filter(file => file.endsWith('.yaml'))
  return files.map(file => basename(file, '.yaml')).sort()
}

export function builtInPath(name: string): string {
  return join(BUILT_IN, `${name}.yaml`)
}
