/** Pauses for engines that wait in the event loop. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { monotonic, WINDOWS_TICK_MS } from '../../../base/clock.ts'

/** Node's timers may be a millisecond late, on Windows by a tick: shorter waits spin through the event loop. */
const TIMER_SLACK_MS = process.platform === 'win32' ? WINDOWS_TICK_MS : 2

/** Resolves after `ms`; with 0, after a turn of the event loop. */
export async function pauseByTimers(ms: number): Promise<void> {
  const until = monotonic() + ms
  if (ms > TIMER_SLACK_MS) await sleep(Math.floor(ms - TIMER_SLACK_MS + 1))
  do await nextTurn()
  while (monotonic() < until)
}
