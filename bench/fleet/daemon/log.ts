/** Log lines of a server: one JSON object each. */

import { harmlessJson } from '../../../base/foreign-text.ts'

type Level = 'info' | 'warn'
/** What happened, in one word, and what belongs to it. Values from outside are texts that JSON keeps in their place. */
export type Log = (
  level: Level,
  event: string,
  details?: Readonly<Record<string, string | number | undefined>>,
) => void

/** @param write takes a line, with its end */
export function jsonLog(write: (line: string) => void, now: () => Date): Log {
  return (level, event, details = {}) =>
    write(`${harmlessJson(JSON.stringify({ time: now().toISOString(), level, event, ...details }))}\n`)
}

/** Of those that others can bring about by the thousand. */
export const WARNINGS_A_SECOND = 20

/** So many lines a second are told, and how many were not. */
export function sparing(log: Log, perSecond: number, nowMs: () => number): Log {
  let since = Number.NEGATIVE_INFINITY
  let told = 0
  let untold = 0
  return (level, event, details) => {
    if (nowMs() - since >= 1000) {
      if (untold > 0) log('warn', 'not-logged', { lines: untold })
      since = nowMs()
      told = 0
      untold = 0
    }
    if (told++ < perSecond) log(level, event, details)
    else untold++
  }
}
