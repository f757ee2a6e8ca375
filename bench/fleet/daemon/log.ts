/** Log lines of a server: one JSON object each. */

import { harmlessJson } from '../../../base/foreign-text.ts'

type Level = 'info' | 'warn'
/** An event name of one word, and its details. Values from outside are JSON strings and cannot break the format. */
export type Log = (
  level: Level,
  event: string,
  details?: Readonly<Record<string, string | number | undefined>>,
) => void

/** @param write receives a line, including its newline */
export function jsonLog(write: (line: string) => void): Log {
  return (level, event, details = {}) => {
    const time = new Date().toISOString()
    write(`${harmlessJson(JSON.stringify({ time, level, event, ...details }))}\n`)
  }
}

/** Limit for events that others can trigger by the thousand. */
export const WARNINGS_A_SECOND = 20

/** Logs at most this many lines per second, and how many were suppressed. */
export function sparing(log: Log, perSecond: number, nowMs: () => number): Log {
  let since = Number.NEGATIVE_INFINITY
  let logged = 0
  let suppressed = 0
  return (level, event, details) => {
    if (nowMs() - since >= 1000) {
      if (suppressed > 0) log('warn', 'not-logged', { lines: suppressed })
      since = nowMs()
      logged = 0
      suppressed = 0
    }
    if (logged++ < perSecond) log(level, event, details)
    else suppressed++
  }
}
