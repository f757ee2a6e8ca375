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
  return numberIn(textOf(path))
}

/** The whole number that a text is, or that `pattern` captures. */
export function numberIn(text: string | undefined, pattern = /^(\d+)$/): number | undefined {
  const found = pattern.exec(text ?? '')?.[1]
  return found === undefined ? undefined : Number(found)
}

/** How far a counter has come since. */
export function growth(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before)
}

/** Docker or Podman, if this process runs in one of their containers. */
export function containerKind(): string | undefined {
  if (existsSync('/run/.containerenv')) return 'Podman'
  if (existsSync('/.dockerenv')) return 'Docker'
  return undefined
}
