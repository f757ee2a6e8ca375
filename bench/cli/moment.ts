/** A moment at which several hosts, or a person, want something to begin. */
import { UsageError } from '../../base/errors.ts'
import { Bell } from '../../base/waiting.ts'

/** A timer is never later than this by a clock that was set meanwhile. */
const LONGEST_STEP_MS = 1000

/** `2027-01-31T08:00Z`, or `08:00` and `08:00:30`, the next one of this host. @throws UsageError for one that is over */
export function parseMoment(text: string, now = new Date()): Date {
  const [, hour = '', minute = '', second = '0'] = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (hour !== '') {
    const moment = new Date(now)
    moment.setHours(Number(hour), Number(minute), Number(second), 0)
    if (moment.getHours() !== Number(hour) || moment.getMinutes() !== Number(minute)) throw unreadable(text)
    if (moment <= now) moment.setDate(moment.getDate() + 1)
    return moment
  }
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/.test(text)
  const moment = new Date(text)
  if (!isIso || Number.isNaN(moment.getTime())) throw unreadable(text)
  if (moment <= now) throw new UsageError(`${text} is over; it is ${now.toISOString()} now`)
  return moment
}

function unreadable(text: string): UsageError {
  return new UsageError(`not a moment: ${JSON.stringify(text)}; write 2027-01-31T08:00Z, or 08:00`)
}

/** @param clock the wall clock, which hosts share, in ms */
export async function untilMoment(moment: Date, signal: AbortSignal, clock = Date.now): Promise<void> {
  const bell = new Bell()
  const leftMs = () => moment.getTime() - clock()
  while (leftMs() > 0 && !signal.aborted) await bell.wait(Math.min(leftMs(), LONGEST_STEP_MS), signal)
}
