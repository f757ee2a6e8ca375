/** Log lines of a server: one JSON object each. */

export type Level = 'info' | 'warn'
/** What happened, in one word, and what belongs to it. Values from outside are texts that JSON keeps in their place. */
export type Log = (
  level: Level,
  event: string,
  details?: Readonly<Record<string, string | number | undefined>>,
) => void

/** @param write takes a line, with its end */
export function jsonLog(write: (line: string) => void, now: () => Date): Log {
  return (level, event, details = {}) =>
    write(`${JSON.stringify({ time: now().toISOString(), level, event, ...details })}\n`)
}
