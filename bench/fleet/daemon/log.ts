/** Log lines of a server: one JSON object each. */

import { monotonic } from '../../../base/clock.ts'
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

/** Events that others can trigger by the thousand: logs at most this many lines per second, and how many were suppressed. */
export function sparing(log: Log, perSecond = 20, nowMs = monotonic): Log {
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
