/** Reads what Linux exposes in files. */
import { existsSync, readFileSync } from 'node:fs'

/** The text of a file without its newline; undefined if it is missing or unreadable, or on another system. */
export function textOf(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The whole number in a file. */
export function numberOf(path: string): number | undefined {
  const text = textOf(path)
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Docker or Podman, if this process runs in one of their containers. */
export function containerKind(): string | undefined {
  if (existsSync('/run/.containerenv')) return 'Podman'
  if (existsSync('/.dockerenv')) return 'Docker'
  return undefined
}
