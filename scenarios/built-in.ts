/** Locates the built-in scenarios. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package ships these files next to the sources, unprocessed; this file runs as dist/scenarios/built-in.js. */
const BUILT_IN = fileURLToPath(new URL('../../scenarios/', import.meta.url))

export function builtInNames(): readonly string[] {
  const files = readdirSync(BUILT_IN).filter(file => file.endsWith('.yaml'))
  return files.map(file => basename(file, '.yaml')).sort()
}

export function builtInPath(name: string): string {
  return join(BUILT_IN, `${name}.yaml`)
}
