/** Errors that a person can mend, told in one line: what happened, with which value, what to do. A leaf. */

import { harmless } from './foreign-text.ts'

/** The command, a scenario or a file is wrong. Nothing has been measured. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command was right and this machine could not do it (a full disk, a port in use). Exit code 1. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

/** The `code` of a system error (`ENOSPC`, `EMSGSIZE` …), or undefined when `thrown` is none. */
export function errorCode(thrown: unknown): string | undefined {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code
  return undefined
}

/** The message of whatever was thrown, on one line, and harmless: it may quote others. */
export function errorMessage(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return harmless(text.replaceAll(/\s*\n\s*/g, ' '))
}

/** Closes a switch over a union: the compiler proves that no case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
