/** Errors that a user can fix, each reported in one line: what happened, with which value, what to do. */

import { harmless } from './foreign-text.ts'
import { given } from './given.ts'

/** The command, scenario or file is wrong, and nothing was measured. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Several mistakes of one file, a line each. */
export class Mistakes extends UsageError {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/** The command was correct but this machine could not carry it out (disk full, port in use). Exit code 1. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

/** Returns the `code` of a system error (`ENOSPC`, `EMSGSIZE` …), or undefined if `thrown` has none. */
export function errorCode(thrown: unknown): string | undefined {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code
  return undefined
}

/** Returns the codes of an error and of its causes, the outermost first. */
export function errorCodes(thrown: unknown): readonly string[] {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  const code = errorCode(thrown)
  return [...given(code), ...(cause === undefined ? [] : errorCodes(cause))]
}

/** Returns the message of anything thrown, on one line. Control characters are replaced because the message may quote untrusted text. */
export function errorMessage(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return harmless(text.replaceAll(/\s*\n\s*/g, ' '))
}

/** Makes a switch over a union exhaustive: it fails to compile when a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
