/** The words of a side's options, quoted as a shell would take them. */
import { split } from 'shlex'
import { UsageError } from '../../base/errors.ts'

/**
 * Splits at spaces; quotes hold words together. A backslash escapes, as in a POSIX shell; on Windows, where it stands in every path,
 * it is a backslash.
 * @throws UsageError at a quote without its end
 */
export function splitSideWords(written: string, platform: NodeJS.Platform = process.platform): string[] {
  try {
    return split(platform === 'win32' ? escapeBackslashes(written) : written)
  } catch {
    throw new UsageError(
      `a quote or a backslash without its end: ${JSON.stringify(written)}; quote as in a shell`,
    )
  }
}

/** Within single quotes a POSIX shell escapes nothing. */
function escapeBackslashes(written: string): string {
  return written.replaceAll(/'[^']*'|\\/g, part => (part === '\\' ? '\\\\' : part))
}
