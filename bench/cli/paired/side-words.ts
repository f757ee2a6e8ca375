/** Splits a side's options into words, quoted as in a shell. */
import { split } from 'shlex'
import { UsageError } from '../../../base/errors.ts'

/**
 * Splits at spaces; quotes hold words together. A backslash escapes, as in a POSIX shell; on Windows, where every path has it, it is
 * an ordinary character.
 * @throws UsageError at an unterminated quote
 */
export function splitSideWords(written: string, platform: NodeJS.Platform = process.platform): string[] {
  try {
    return split(platform === 'win32' ? escapeBackslashes(written) : written)
  } catch {
    throw new UsageError(`unterminated quote or backslash: ${JSON.stringify(written)}; quote as in a shell`)
  }
}

/** A POSIX shell escapes nothing within single quotes. */
function escapeBackslashes(written: string): string {
  return written.replaceAll(/'[^']*'|\\/g, part => (part === '\\' ? '\\\\' : part))
}
