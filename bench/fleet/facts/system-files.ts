/** What Linux tells in files. */
import { existsSync, readFileSync } from 'node:fs'

/** The text of a file without its end of line; undefined where there is none, it may not be read, or this is another system. */
export function textOf(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The whole number that a file holds. */
export function numberOf(path: string): number | undefined {
  const text = textOf(path)
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Docker or Podman, where this process runs in a container of one of them. */
export function containerKind(): string | undefined {
  if (existsSync('/run/.containerenv')) return 'Podman'
  if (existsSync('/.dockerenv')) return 'Docker'
  return undefined
}
